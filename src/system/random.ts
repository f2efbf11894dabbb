import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Random } from "../core/ports.ts";

export const random: Random = {
  uuid: () => randomUUID(),
  hex: (bytes) => randomBytes(bytes).toString("hex"),
  integer: (limit) => randomInt(limit),
};
