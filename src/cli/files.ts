import { errorDiagnostic, Failure } from "../core/diagnostics.ts";
import type { Context } from "./context.ts";

export async function readSavedPlan(context: Context, name: string): Promise<string> {
  const path = name.startsWith("/") ? name : `${context.workingDirectory}/${name}`;
  try {
    return await context.ports.files.readText(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(
      errorDiagnostic(`${name} cannot be read`, {
        subject: `plan file ${path}`,
        detail: `${reason}. A plan is saved with plan -out=FILE.`,
      }),
      { cause: error },
    );
  }
}
