import { expect, test } from "vitest";
import type { Finding } from "../../src/core/doctor.ts";
import { doctorDocument, renderFindings } from "../../src/ui/doctor.ts";

const findings: readonly Finding[] = [
  { subject: "QEMU", level: "ok", text: "version 8.2.1 in /usr/bin for x86_64" },
  {
    subject: "KVM",
    level: "note",
    text: "/dev/kvm can be opened, but no guest instruction was executed in 3 s; nodes use tcg",
    fix: "Nodes run without it, several times slower.",
  },
  {
    subject: "memory",
    level: "warning",
    text: "only 100 MiB of 8.0 GiB are available",
    fix: "End what is not needed.",
  },
  {
    subject: "lab",
    level: "error",
    text: "node.r1: Kernel image \u001b[2J/x does not exist",
    at: "pair.lab.hcl:3:7",
    fix: "Put it there:\n  cp image /x",
  },
];

test("findings are aligned, with what to do below them, and a last line that says whether the lab can run", () => {
  const text = renderFindings(findings, { lab: { name: "pair" }, colour: false, width: 60 });
  expect(text).toBe(`✓ QEMU    version 8.2.1 in /usr/bin for x86_64
· KVM     /dev/kvm can be opened, but no guest instruction
          was executed in 3 s; nodes use tcg
            Nodes run without it, several times slower.
! memory  only 100 MiB of 8.0 GiB are available
            End what is not needed.
✗ lab     pair.lab.hcl:3:7: node.r1: Kernel image
          \\u{1b}[2J/x does not exist
            Put it there:
              cp image /x

Lab "pair" cannot run here: 1 error, 1 warning.
`);
});

test("the last line speaks of what was examined", () => {
  const last = (given: readonly Finding[], lab?: { readonly name: string | undefined }) =>
    renderFindings(given, { lab, colour: false }).trimEnd().split("\n").at(-1);
  expect(last(findings.slice(0, 2))).toBe("Labs can run here.");
  expect(last(findings.slice(0, 3), { name: "pair" })).toBe('Lab "pair" can run here: 1 warning.');
  expect(last(findings.slice(3), { name: undefined })).toBe("The lab cannot run here: 1 error.");
});

test("colour adds nothing but colour", () => {
  const options = { lab: undefined, width: 80 };
  const coloured = renderFindings(findings, { ...options, colour: true });
  expect(coloured).toContain("\u001b[31m✗\u001b[39m");
  expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(renderFindings(findings, { ...options, colour: false }));
});

test("the document says the same, and whether all is well", () => {
  expect(doctorDocument(findings.slice(0, 3)).ok).toBe(true);
  expect(doctorDocument(findings.slice(2))).toEqual({
    format_version: "1.0",
    ok: false,
    findings: [
      {
        subject: "memory",
        level: "warning",
        text: "only 100 MiB of 8.0 GiB are available",
        fix: "End what is not needed.",
        at: null,
      },
      {
        subject: "lab",
        level: "error",
        text: "node.r1: Kernel image \u001b[2J/x does not exist",
        fix: "Put it there:\n  cp image /x",
        at: "pair.lab.hcl:3:7",
      },
    ],
  });
});
