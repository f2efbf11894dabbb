import { keyOf, written } from "./blocks.ts";

interface Image {
  readonly key: string;
  /** As labform is to look for it. */
  readonly path: string;
  readonly md5: string | undefined;
  /** What it is of which node, for the reader of the mapping. */
  readonly uses: string[];
}

/**
 * The images of a project, each once however many nodes use it: where it is stands in one file, which is the only one to
 * be changed on another machine.
 */
export class Images {
  readonly #images = new Map<string, Image>();

  /** The key of an image in the mapping; `path` is as GNS3 has it. */
  use(path: string, md5: string | undefined, use: string): string {
    const name = nameOf(path);
    const found = [...this.#images.values()].find(
      (one) => one.path === name && (one.md5 === md5 || one.md5 === undefined || md5 === undefined),
    );
    if (found !== undefined) {
      found.uses.push(use);
      if (found.md5 === undefined && md5 !== undefined) this.#images.set(found.key, { ...found, md5 });
      return found.key;
    }
    const key = this.#free(name.split("/").at(-1) ?? name);
    this.#images.set(key, { key, path: name, md5, uses: [use] });
    return key;
  }

  get count(): number {
    return this.#images.size;
  }

  /** `{ "chr.img" = { path = "chr.img", md5 = "…" } }`, with what uses each above it. */
  text(): string {
    const entries = [...this.#images.values()].map(({ key, path, md5, uses }) => {
      const digest = md5 === undefined ? "" : `, md5 = ${written(md5)}`;
      return `  # ${uses.join(", ")}\n  ${keyOf(key)} = { path = ${written(path)}${digest} }`;
    });
    return `images = {\n${entries.join("\n")}\n}\n`;
  }

  #free(name: string): string {
    let key = name;
    for (let number = 2; this.#images.has(key); number++) key = `${name} (${number})`;
    return key;
  }
}

/** A path below GNS3's directory of images, or of another machine's, is told from that directory on. */
function nameOf(path: string): string {
  const plain = path.replaceAll("\\", "/");
  const below = /(?:^|\/)images\/(?:QEMU\/)?([^/].*)$/i.exec(plain)?.[1];
  if (below !== undefined) return below;
  return /^[A-Za-z]:\//.test(plain) ? (plain.split("/").at(-1) as string) : plain;
}
