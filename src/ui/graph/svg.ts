import type { Engine } from "./layout.ts";

/** Where Verdana is not installed, others as plain. */
const FONTS = "Verdana,DejaVu Sans,Helvetica,Arial,sans-serif";

/** Draws DOT by Graphviz, compiled to WebAssembly: 800 kB that are loaded when they are wanted. */
export async function drawSvg(dot: string, engine: Engine): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  return graphviz.layout(dot, "svg", engine).replaceAll('font-family="Verdana"', `font-family="${FONTS}"`);
}
