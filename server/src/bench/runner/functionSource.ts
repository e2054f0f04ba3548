/**
 * Python that finds one function of the user's file, its arguments, and how to call it. Arguments stand in a
 * comment, `# threadproof: bench(n=1000)`, above the function or on its line, and are evaluated in the
 * function's module, anew for each worker, so that workers share no more than the module does. A function
 * `bench_NAME` stands in for NAME when there is no such comment.
 */
export const functionFileName = "threadproof_function.py";

export const functionSource = `
import ast, asyncio, importlib, importlib.util, inspect, io, os, re, sys, threading, time, tokenize

MARK = re.compile(r"#\\s*threadproof:\\s*bench\\((.*)\\)\\s*$")
clock = time.perf_counter_ns

class Refused(Exception):
    pass

def load(path):
    """The file as a module under its own name, without running its __main__ part."""
    folder, stem = os.path.dirname(path), os.path.splitext(os.path.basename(path))[0]
    parts = [stem]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        parts.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = ".".join(parts)
    if len(parts) > 1:
        return importlib.import_module(name)
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == path:
        return sys.modules[name]
    if name in sys.modules or not name.isidentifier():
        name = "threadproof_benched"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module

def definitions(tree, prefix=""):
    found = {}
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[prefix + node.name] = node
        elif isinstance(node, ast.ClassDef):
            found.update(definitions(node, prefix + node.name + "."))
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            found.update(definitions(node, prefix))
    return found

def marked_arguments(source, node):
    """What the comment of this function says, None without one."""
    comments, code_lines = {}, set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string
        elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            code_lines.add(token.start[0])
    first = min([node.lineno] + [one.lineno for one in node.decorator_list])
    lines = list(range(first, node.body[0].lineno if node.body[0].lineno > node.lineno else node.lineno + 1))
    above = first - 1
    while above in comments and above not in code_lines:
        lines.append(above)
        above -= 1
    for line in lines:
        found = MARK.search(comments.get(line, ""))
        if found:
            return found.group(1)
    return None

def resolve(module, name):
    target = module
    for part in name.split("."):
        if not hasattr(target, part):
            raise Refused(f"there is no {name} once the file is imported")
        target = getattr(target, part)
    return target

def evaluated(module, text):
    return eval(f"(lambda *args, **options: (args, options))({text}\\n)", vars(module))

def bound(function, module, text):
    args, options = evaluated(module, text)
    try:
        arguments = inspect.signature(function).bind(*args, **options)
    except TypeError as error:
        raise Refused(f"it cannot be called with ({text}): {error}")
    arguments.apply_defaults()
    return arguments

def describe(spec):
    path, name = spec["file"], spec["name"]
    try:
        with tokenize.open(path) as file:
            source = file.read()
        known = definitions(ast.parse(source, path))
        if name not in known:
            marked = [one for one, node in known.items()
                      if "bench_" in one or marked_arguments(source, node) is not None]
            others = marked or [one for one in known if not one.split(".")[-1].startswith("_")]
            raise Refused("there is no such function" + (f"; there is {', '.join(others[:8])}" if others else ""))
        text = marked_arguments(source, known[name])
        module = load(path)
        function = resolve(module, name)
        if text is None and f"bench_{name}" in known:
            name = f"bench_{name}"
            function = resolve(module, name)
            text = marked_arguments(source, known[name])
        try:
            arguments = bound(function, module, text or "")
        except Refused:
            if text is not None:
                raise
            needed = [one.name for one in inspect.signature(function).parameters.values()
                      if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
            raise Refused(
                f"it needs arguments ({', '.join(needed)}): write a comment above it such as "
                f"# threadproof: bench({', '.join(one + '=…' for one in needed)}), or add a function bench_{name}()")
        except Exception as error:
            raise Refused(f"its arguments ({text}) cannot be evaluated: {type(error).__name__}: {error}")
        splits = None
        if spec["scaling"] != "weak":
            wanted = ("chunk", "n") if spec["scaling"] == "strong" else ("chunk",)
            splits = next((one for one in wanted if one in arguments.arguments), None)
            if splits is None and spec["scaling"] == "strong":
                raise Refused("it has no argument n or chunk whose work could be split over workers")
            if splits:
                share(arguments.arguments[splits], 0, 1, splits)
    except Refused as refusal:
        return {"refused": str(refusal)}
    call = caller(function, arguments)
    return {"name": name, "line": known[name].lineno, "arguments": text or "", "splits": splits,
            "calls": calls_for(call, spec["targetNs"])}

def calls_for(call, target):
    """Calls that take about the target together, timed in a thread as the workers' calls are."""
    answer = []
    def timing():
        def spent_on(calls):
            begun = clock()
            for _ in range(calls):
                call()
            return clock() - begun
        calls, spent = 1, spent_on(1)
        while spent * 4 < target:
            calls *= 2
            spent = spent_on(calls)
        if spent < target:
            # Other programs only ever make it look longer.
            spent = min(spent, spent_on(calls), spent_on(calls))
        answer.append(max(1, round(calls * target / spent)))
    thread = threading.Thread(target=timing)
    thread.start()
    thread.join()
    if not answer:
        sys.exit(1)
    return answer[0]

def share(value, part, parts, name):
    if name == "n":
        if not isinstance(value, int):
            raise Refused("its argument n is no whole number, so it cannot be split")
        return value * (part + 1) // parts - value * part // parts
    if not hasattr(value, "__len__") or not hasattr(value, "__getitem__") or isinstance(value, dict):
        raise Refused("its argument chunk is no sequence, so it cannot be split")
    return value[len(value) * part // parts : len(value) * (part + 1) // parts]

def caller(function, arguments):
    args, options = arguments.args, arguments.kwargs
    if inspect.iscoroutinefunction(function):
        return lambda: asyncio.run(function(*args, **options))
    if inspect.isgeneratorfunction(function):
        def exhaust():
            for _ in function(*args, **options):
                pass
        return exhaust
    return lambda: function(*args, **options)

def integer_loop(steps):
    total = 0
    for i in range(steps):
        total = (total + i * i) & 0xFFFF
    return total

def prepared(spec, part):
    """What worker number part calls, with arguments of its own."""
    if spec["name"] is None:
        return lambda: integer_loop(spec["steps"])
    module = load(spec["file"])
    function = resolve(module, spec["name"])
    arguments = bound(function, module, spec["arguments"])
    if spec["splits"]:
        one = arguments.arguments[spec["splits"]]
        arguments.arguments[spec["splits"]] = share(one, part, spec["threads"], spec["splits"])
    return caller(function, arguments)
`;
