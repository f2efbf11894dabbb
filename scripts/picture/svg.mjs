/** In pixels. A run of text is stretched to its cells, so that the font a reader's machine takes changes no column. */
const cell = { width: 8, height: 18, font: 13 };
const margin = 16;
const bar = 30;

const background = "#1e2127";
const foreground = "#d4d7dd";
/** The sixteen colours that a terminal's owner chooses. */
const palette = [
  ["#3f4451", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d4d7dd"],
  ["#7f848e", "#e88c93", "#b1d196", "#ecd19b", "#8bc4f3", "#d49ae5", "#82cad3", "#ffffff"],
].flat();

/** The lines of a terminal of @xterm/headless, from the first to the last that shows anything, as an SVG picture. */
export function screenToSvg(terminal) {
  const buffer = terminal.buffer.active;
  const rows = [];
  for (let y = 0; y < buffer.length; y++) rows.push(runsOf(buffer.getLine(y), terminal.cols));
  while (rows.at(-1)?.length === 0) rows.pop();
  const width = terminal.cols * cell.width + 2 * margin;
  const height = rows.length * cell.height + bar + margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" rx="8" fill="${background}"/>
${["#e06c75", "#e5c07b", "#98c379"].map((fill, at) => `<circle cx="${margin + 4 + at * 18}" cy="16" r="5" fill="${fill}"/>`).join("")}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${cell.font}" xml:space="preserve">
${rows.flatMap((runs, y) => runs.map((run) => textOf(run, y))).join("\n")}
</g>
</svg>
`;
}

/** What stands in a line, as runs of one look each; blanks between them and at the end are left out. */
function runsOf(line, columns) {
  const runs = [];
  for (let x = 0; x < columns; x++) {
    const one = line.getCell(x);
    const characters = one.getChars();
    if (one.getWidth() === 0) continue;
    const look = lookOf(one);
    const last = runs.at(-1);
    const blank = characters === "" || characters === " ";
    if (last?.look === look && last.end === x) {
      last.text += characters || " ";
      last.end = x + one.getWidth();
    } else if (!blank) runs.push({ x, end: x + one.getWidth(), text: characters, look });
  }
  for (const run of runs) {
    const text = run.text.trimEnd();
    run.end -= run.text.length - text.length;
    run.text = text;
  }
  return runs;
}

function lookOf(one) {
  const fill = one.isFgPalette() ? palette[one.getFgColor()] : foreground;
  const weight = one.isBold() ? ' font-weight="bold"' : "";
  return `fill="${fill ?? foreground}"${weight}${one.isDim() ? ' opacity="0.6"' : ""}`;
}

function textOf({ x, end, text, look }, y) {
  const left = margin + x * cell.width;
  const baseline = bar + (y + 0.75) * cell.height;
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${left}" y="${baseline}" textLength="${(end - x) * cell.width}" ${look}>${escaped}</text>`;
}
