// Names outside the program that stand for another object in each request or thread, although all share the name.

const proxies =
  /^(flask|quart)\.(g|session|request)\b|^bottle\.(request|response)\b|^cherrypy\.(thread_data|request|response|session|serving)\b/;

/** @param name a qualified name, with attributes or without: `flask.g.user` */
export function isOfOneRequest(name: string): boolean {
  return proxies.test(name);
}
