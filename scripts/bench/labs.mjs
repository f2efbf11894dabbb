// The labs that the benchmark plans and applies, and the same shapes for Terraform.
import { mkdir, writeFile } from "node:fs/promises";

/** Half nodes, half links in a ring, for the memory provider. */
export async function memoryLab(directory, resources) {
  const nodes = resources / 2;
  let text = 'lab "big" {}\n';
  for (let at = 0; at < nodes; at++) {
    text += `node "n${at}" {\n  size     = ${(at % 7) + 1}\n  note     = "node ${at}"\n  adapters = 2\n}\n`;
  }
  for (let at = 0; at < nodes; at++) {
    text += `link "l${at}" {\n  endpoints = [node.n${at}.adapter[0], node.n${(at + 1) % nodes}.adapter[1]]\n  weight    = ${at % 5}\n}\n`;
  }
  await mkdir(directory, { recursive: true });
  await writeFile(`${directory}/big.lab.hcl`, text);
}

/** The same ring of Terraform's own built-in resource, which needs no plugin and no network. */
export async function terraformRing(directory, resources) {
  const nodes = resources / 2;
  let text = "";
  for (let at = 0; at < nodes; at++) {
    text += `resource "terraform_data" "n${at}" {\n  input = {\n    size     = ${(at % 7) + 1}\n    note     = "node ${at}"\n    adapters = 2\n  }\n}\n`;
  }
  for (let at = 0; at < nodes; at++) {
    text += `resource "terraform_data" "l${at}" {\n  input = {\n    endpoints = [terraform_data.n${at}.id, terraform_data.n${(at + 1) % nodes}.id]\n    weight    = ${at % 5}\n  }\n}\n`;
  }
  await mkdir(directory, { recursive: true });
  await writeFile(`${directory}/main.tf`, text);
}

/**
 * QEMU nodes in a ring of links. `held`: each is held before its first instruction and has a disk over one image, so
 * that the time is labform's and not the guests'.
 */
export async function qemuRing(directory, nodes, { held = false } = {}) {
  await mkdir(directory, { recursive: true });
  await writeFile(
    `${directory}/ring.lab.hcl`,
    `lab "ring" {}
provider "ubridge" {
  engine = "builtin"
}
node "n" {
  count    = ${nodes}
  ram      = 16
  adapters = 2
${held ? '  power    = "suspended"\n  disk "hda" {\n    image = "base.qcow2"\n  }\n' : ""}}
link "l" {
  count     = ${nodes}
  endpoints = [node.n[count.index].adapter[0], node.n[(count.index + 1) % ${nodes}].adapter[1]]
}
`,
  );
}

/** `blocks` small blocks of plain HCL. */
export function smallBlocks(blocks) {
  let text = "";
  for (let at = 0; at < blocks; at++) {
    text += `node "n${at}" {\n  ram      = ${64 + (at % 64)}\n  adapters = ${at % 8} + 1\n  note     = "node \${${at}} of many"\n  tags     = ["a", "b"]\n}\n`;
  }
  return text;
}
