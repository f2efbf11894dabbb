import process from "node:process";
import { PLAN_FORMAT } from "../../core/plan.ts";
import { STATE_FORMAT } from "../../core/state.ts";
import { FORMAT_VERSION } from "../../ui/json/types.ts";
import type { CommonOptions, Context, ExitCode } from "../context.ts";
import { platformName, versionText } from "../platform.ts";

/** With -json the keys are Terraform's where it has them; providers are a part of labform and have its version. */
export async function run(context: Context, common: CommonOptions): Promise<ExitCode> {
  const { version, schemas, stdout } = context;
  const platform = platformName(process.platform, process.arch);
  const document = {
    format_version: FORMAT_VERSION,
    labform_version: version,
    platform,
    provider_selections: Object.fromEntries(schemas.map(({ name }) => [name, version])),
    state_format: STATE_FORMAT,
    plan_format: PLAN_FORMAT,
    node_version: process.versions.node,
  };
  stdout.write(common.json ? `${JSON.stringify(document)}\n` : versionText(version, platform));
  return 0;
}
