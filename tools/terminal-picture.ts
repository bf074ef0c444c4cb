/**
 * Draws docs/repl.svg, the picture of a REPL session in the README, from the session in docs/repl.md,
 * typed into a real terminal:
 *
 *     node tools/terminal-picture.ts
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { displayWidth } from "../cli/terminal/width.ts";
import { root, selfCommand } from "../tests/helpers/runtime.ts";
import { openTerminal } from "../tests/helpers/terminal.ts";
import { playTranscript } from "../tests/helpers/transcript.ts";

const CELL = { width: 8.4, height: 19 }; // px, for a font size of 14
const MARGIN = 16; // px
const BACKGROUND = "#1e1e2e";
const FOREGROUND = "#cdd6f4";

/** Colours of a dark terminal by SGR parameter. */
const COLOURS: Record<number, string> = {
  31: "#f38ba8",
  32: "#a6e3a1",
  33: "#f9e2af",
  34: "#89b4fa",
  35: "#f5c2e7",
  36: "#94e2d5",
  90: "#7f849c",
};

/** Characters that take two cells each are drawn apart, so that those behind them keep their place. */
const WIDE = /([\u2e80-\uffff]+)/;

interface Style {
  fill: string;
  bold: boolean;
  dim: boolean;
}

const PLAIN: Style = { fill: FOREGROUND, bold: false, dim: false };

/** Returns an SVG image of a terminal's lines, whose colours are in them as escape sequences. */
function terminalSvg(lines: string[]): string {
  const columns = Math.max(...lines.map((line) => displayWidth(line)));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = Math.ceil(lines.length * CELL.height + 2 * MARGIN);
  let style = PLAIN;
  const rows = lines.map((line, row) => {
    const drawn = drawLine(line, MARGIN + (row + 0.75) * CELL.height, style);
    style = drawn.style;
    return drawn.svg;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-size="14" ` +
    `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace">\n` +
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>\n${rows.join("")}</svg>\n`;
}

/** One line as text elements, one for each run of a style; `style` is what the line begins with. */
function drawLine(line: string, y: number, style: Style): { svg: string; style: Style } {
  let svg = "";
  let column = 0;
  // deno-lint-ignore no-control-regex -- the escape sequences of colours
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    if (part.startsWith("\x1b")) {
      style = part.slice(2, -1).split(";").reduce((now, code) => styled(now, +code), style);
      continue;
    }
    for (const run of part.split(WIDE)) {
      const cells = displayWidth(run);
      if (run.trim()) svg += drawRun(run, MARGIN + column * CELL.width, y, cells, style);
      column += cells;
    }
  }
  return { svg, style };
}

function styled(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  return { ...style, fill: COLOURS[code] ?? FOREGROUND };
}

function drawRun(text: string, x: number, y: number, cells: number, style: Style): string {
  const attributes = [
    `x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${style.fill}"`,
    `textLength="${(cells * CELL.width).toFixed(1)}" xml:space="preserve"`,
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.dim ? ['opacity="0.6"'] : []),
  ];
  const escaped = text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<text ${attributes.join(" ")}>${escaped}</text>\n`;
}

const page = await readFile(join(root, "docs", "repl.md"), "utf8");
const [, transcript] = /^```text\n([^]*?)^```$/m.exec(page)!;
const lines = transcript!.trimEnd().split("\n").length;
const terminal = await openTerminal({
  command: [...selfCommand(), join(root, "cli.ts"), "--org", "practice"],
  height: lines + 5,
});
try {
  await playTranscript(terminal, transcript!);
  const shown = (await terminal.coloured()).trimEnd().split("\n");
  // The last line is the prompt that waits for more.
  await writeFile(join(root, "docs", "repl.svg"), terminalSvg(shown.slice(-lines - 1, -1)));
} finally {
  await terminal.close();
}
