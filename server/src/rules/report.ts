// Turns a race into words: the message and the places that explain it.
import type { Access } from "../facts/facts.ts";
import type { Finding, RelatedLocation, Severity } from "../findings/finding.ts";
import type { Route } from "../program/concurrency.ts";
import { accessOf, type Site } from "../program/locations.ts";
import type { Race } from "../program/races.ts";
import type { AccessView } from "./accessView.ts";
import type { GuardPlanner } from "./guard/plan.ts";
import { guardRequest } from "./guard/request.ts";
import type { Match, Rule } from "./rule.ts";
import { traceOf } from "./threadReach.ts";

export function reportRace(
  rule: Rule,
  view: AccessView,
  match: Match,
  race: Race,
  planner: GuardPlanner,
): Finding {
  const { file, access, fn } = view;
  const guard = rule.meta.lockRepairs ? guardRequest(rule, view, match, race, planner) : undefined;
  return {
    path: file.path,
    range: file.rangeOf(access),
    rule: rule.meta.name,
    severity: severityOf(rule, race, view, match),
    evidence: race.evidence,
    symbol: view.symbol,
    function: fn.qualifiedName,
    message: messageOf(view, match, race),
    related: related(view, race),
    ...(guard === undefined ? {} : { guard }),
  };
}

/** Nobody has said that instances of this class meet several threads: worth knowing, not worth a warning. */
function severityOf(rule: Rule, race: Race, view: AccessView, match: Match): Severity {
  const severity = match.severity ?? rule.meta.severity;
  const isCounter = view.access.op === "augment";
  const isUnspoken = !view.file.facts.mentionsThreads && !(match.callersShare === true && view.isPublic);
  const isMild =
    race.evidence === "exposed" && view.location.kind === "instance" && (isCounter || isUnspoken);
  return isMild && (severity === "warning" || severity === "error") ? "information" : severity;
}

function messageOf(view: AccessView, match: Match, race: Race): string {
  const [first, second] = match.steps;
  const unguarded = match.unlocked === true ? "" : " without a common lock";
  return `A thread ${first} and ${second}${unguarded}; when ${intruder(view, match, race)} in between, ${match.outcome}. ${because(view, match, race)}${match.remedy === undefined ? "" : ` ${match.remedy}`}`;
}

function intruder(view: AccessView, match: Match, race: Race): string {
  if (match.intruder !== undefined) return match.intruder;
  if (isSameSite(race.other, view)) return `another thread in \`${view.fn.qualifiedName}\` does the same`;
  return `\`${nameOf(race.other)}\` ${whatItDoes(accessOf(race.other), view.symbol)}`;
}

function whatItDoes(access: Access, symbol: string): string {
  switch (access.op) {
    case "rebind":
      return access.detail === "none" ? `sets \`${symbol}\` to None` : `replaces \`${symbol}\``;
    case "augment":
      return `updates \`${symbol}\``;
    case "delete":
      return `deletes \`${symbol}\``;
    case "item-store":
    case "item-augment":
      return `stores into \`${symbol}\``;
    case "item-delete":
      return `deletes from \`${symbol}\``;
    case "iterate":
      return `iterates over \`${symbol}\``;
    case "method":
      return `calls \`${symbol}.${access.detail}()\``;
    default:
      return `uses \`${symbol}\``;
  }
}

/** Why several threads are expected here. */
function because(view: AccessView, match: Match, race: Race): string {
  const guard =
    race.guard === undefined || race.guard.text === "" || race.guard.guarded < 2
      ? ""
      : ` \`${race.guard.text}\` is held at ${race.guard.guarded} of its ${race.guard.total} accesses.`;
  const route = race.route ?? race.otherRoute;
  if (race.evidence === "proven" && route !== undefined) {
    const runner = race.route === undefined ? nameOf(race.other) : view.fn.qualifiedName;
    return `\`${runner}\` runs in ${route.entry.label}${several(race)}.${guard}`;
  }
  if (race.evidence === "likely") {
    if (match.intent !== undefined) return `${match.intent}${guard}`;
    const { cls } = view.location;
    const who = cls === undefined ? "This module" : `\`${cls.file.facts.classes[cls.index]!.name}\``;
    return `${who} takes locks or starts threads, so it is meant to be shared.${guard}`;
  }
  return `Any caller may run this in several threads.${guard}`;
}

function several(race: Race): string {
  return race.route !== undefined && race.route.entry === race.otherRoute?.entry && race.route.entry.parallel
    ? ", several at once"
    : "";
}

function related(view: AccessView, race: Race): RelatedLocation[] {
  const list: RelatedLocation[] = [];
  if (!isSameSite(race.other, view)) {
    const other = accessOf(race.other);
    list.push({
      path: race.other.file.path,
      range: race.other.file.rangeOf(other),
      message: `\`${nameOf(race.other)}\` ${whatItDoes(other, view.symbol)} here`,
    });
  }
  if (race.evidence === "proven") {
    const routes = [race.route, race.otherRoute].filter((r): r is Route => r !== undefined);
    for (const route of new Set(routes.map((r) => r.entry)).values()) {
      const full = routes.find((r) => r.entry === route)!;
      list.push(...traceOf(full));
    }
  }
  if (race.guard !== undefined && race.guard.guarded >= 2 && race.guard.text !== "") {
    const { site } = race.guard;
    list.push({
      path: site.file.path,
      range: site.file.rangeOf(accessOf(site)),
      message: `\`${race.guard.text}\` is held here`,
    });
  }
  return list;
}

function isSameSite(site: Site, view: AccessView): boolean {
  return site.file === view.file && site.access === view.index;
}

function nameOf(site: Site): string {
  return site.file.facts.functions[accessOf(site).fn]!.qualifiedName;
}
