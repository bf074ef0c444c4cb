/**
 * Builds what the npm package contains, JavaScript with declarations and source maps: the `prepack` step of `npm pack`.
 *
 *     node tools/build.ts [FOLDER]
 *
 * Types are blanked out, so that every statement keeps its line and its column, and specifiers end in `.js` in place
 * of `.ts`. Only files that the entry points reach are built.
 *
 * @module
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import MagicString from "magic-string";
import { blankSourceFile } from "ts-blank-space";
import ts from "typescript";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The TypeScript files that users import or run: the exports of deno.json. */
const entries = Object.values<string>(JSON.parse(read("deno.json")).exports)
  .map((path) => posix.normalize(path));

/** Builds the package's files into a folder, which is emptied first. */
function build(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  forEachReached(entries, (path) => {
    const { code, map, imports } = toJavaScript(path, read(path));
    write(`${path.slice(0, -3)}.js`, code);
    write(`${path.slice(0, -3)}.js.map`, map);
    return imports;
  });
  const declarations = declarationsOf(entries);
  forEachReached(entries, (path) => {
    const name = `${path.slice(0, -3)}.d.ts`;
    const { code, imports } = withJavaScriptSpecifiers(name, declarations.get(name)!);
    write(name, code);
    return imports;
  });
  chmodSync(join(folder, "cli.js"), 0o755);
}

/** Calls `visit` once for each path, and for the paths that it returns. */
function forEachReached(paths: string[], visit: (path: string) => string[]): void {
  const reached = new Set(paths);
  for (const path of reached) {
    for (const next of visit(path)) reached.add(next);
  }
}

function toJavaScript(path: string, source: string) {
  const blanked = blankSourceFile(parse(path, source), ({ pos }) => {
    throw new Error(`${path} has syntax that is more than types at character ${pos}`);
  });
  const { code, imports } = withJavaScriptSpecifiers(path, blanked);
  const name = posix.basename(path);
  const map = new MagicString(code).generateMap({ source: name, hires: "boundary" });
  map.sourcesContent = [source];
  return {
    code: `${code}//# sourceMappingURL=${name.slice(0, -3)}.js.map\n`,
    map: map.toString(),
    imports,
  };
}

/** The declarations of files and of all that they import, by path. */
function declarationsOf(paths: string[]): Map<string, string> {
  const program = ts.createProgram(paths.map((path) => join(root, path)), {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    allowImportingTsExtensions: true,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true, // `deno check` is the gate for that
  });
  const found = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (file, text) => {
    found.set(relative(root, file).replaceAll("\\", "/"), text);
  });
  for (const { messageText, file } of diagnostics) {
    throw new Error(`${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  }
  return found;
}

/**
 * Turns `./file.ts` in imports into `./file.js`, and returns the files that are imported. The version in deno.json is
 * also in package.json, the one of the two that a package has.
 */
function withJavaScriptSpecifiers(path: string, source: string) {
  const code = new MagicString(source);
  const imports: string[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier && /^\.\.?\//.test(specifier.text)) {
      const target = posix.join(posix.dirname(path), specifier.text);
      const [start, end] = [specifier.getStart() + 1, specifier.end - 1]; // within the quotes
      if (target === "deno.json") {
        code.overwrite(start, end, posix.relative(posix.dirname(path), "../package.json"));
      } else if (target.endsWith(".ts")) {
        code.overwrite(end - 3, end, ".js");
        imports.push(target);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, source));
  return { code: code.toString(), imports };
}

/** What a node imports from: an import or export declaration, an `import()` call, an `import("…")` type. */
function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  const specifier = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
    ? node.moduleSpecifier
    : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    ? node.arguments[0]
    : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
    ? node.argument.literal
    : undefined;
  return specifier && ts.isStringLiteral(specifier) ? specifier : undefined;
}

function parse(path: string, source: string): ts.SourceFile {
  return ts.createSourceFile(path, source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
}

build(process.argv[2] ?? join(root, "dist"));
