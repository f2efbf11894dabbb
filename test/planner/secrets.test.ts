import { expect, test } from "vitest";
import { errorDiagnostic } from "../../src/core/diagnostics.ts";
import type { PlannedAttributes } from "../../src/core/values.ts";
import { UNKNOWN } from "../../src/core/values.ts";
import { withoutSecrets } from "../../src/planner/secrets.ts";

const config: PlannedAttributes = {
  machine: "geheim",
  ram: 64,
  cloud_init: { user_data: 'a "word"', meta_data: UNKNOWN },
  cdrom_image: "geheim/disc.iso",
};

test("what is wrong is told without the texts that are sensitive, also inside of others", () => {
  const sensitive = [["machine"], ["cloud_init"], ["cdrom_image"], ["ram"], ["gone", "deeper"]];
  const told = errorDiagnostic("no machine geheim", {
    detail: 'CD image /labs/geheim/disc.iso, and "a \\"word\\"" of 64',
    subject: "geheim",
  });
  expect(withoutSecrets(told, { config, sensitive })).toEqual(
    errorDiagnostic("no machine (sensitive value)", {
      detail: 'CD image /labs/(sensitive value), and "(sensitive value)" of 64',
      subject: "(sensitive value)",
    }),
  );
});

test("where nothing is sensitive, it is told as it is", () => {
  const told = errorDiagnostic("no machine geheim");
  expect(withoutSecrets(told, { config, sensitive: [] })).toBe(told);
});
