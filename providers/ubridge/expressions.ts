import type { Diagnostic } from "../../src/core/diagnostics.ts";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { Ports } from "../../src/core/ports.ts";
import type { Path } from "../../src/core/values.ts";
import { formatPath } from "../../src/core/values.ts";

/** A host's name in an expression is looked up; what takes longer is left to the bridge. */
const COMPILE_MS = 3000;

/**
 * What is wrong with a BPF expression as uBridge takes it. With `ports`, tcpdump is asked where there is one: it compiles
 * by libpcap, like uBridge. Where there is none the bridge itself refuses what it cannot compile.
 */
export async function wrongExpression(
  ports: Ports | undefined,
  expression: string,
  path: Path,
): Promise<Diagnostic | undefined> {
  const place = formatPath(path);
  if (expression.trim() === "") {
    return errorDiagnostic(`${place} is empty`, {
      detail:
        "An empty expression matches every frame. To let nothing pass, set suspended = true or loss_percent = 100.",
      path,
    });
  }
  if (/["\r\n\0]/.test(expression)) {
    return errorDiagnostic(`${place} cannot be told to uBridge`, {
      detail: "Its protocol has no form for a double quote or a line break. Write the expression without.",
      path,
    });
  }
  const said = ports ? await complaint(ports, expression) : undefined;
  if (said === undefined) return undefined;
  return errorDiagnostic(`${place} is no BPF expression`, {
    detail: `libpcap says of ${JSON.stringify(expression)}: ${said}. pcap-filter(7) has the language: "icmp", "udp port 53", "host 10.0.0.2".`,
    path,
  });
}

async function complaint({ processes }: Ports, expression: string): Promise<string | undefined> {
  // In a directory that PATH of an ordinary account may lack.
  const program = (await processes.find("tcpdump")) ?? (await processes.find("tcpdump", "/usr/sbin"));
  if (program === undefined) return undefined;
  const compile = (one: string) => processes.run(program, ["-y", "EN10MB", "-d", "--", one], { timeoutMs: COMPILE_MS });
  const { exitCode, stderr } = await compile(expression);
  // An old one opens a device for that, which most accounts may not.
  if (exitCode !== 1 || (await compile("ip")).exitCode !== 0) return undefined;
  return /^tcpdump: (?:can't parse filter expression: )?(.+)$/m.exec(stderr)?.[1];
}
