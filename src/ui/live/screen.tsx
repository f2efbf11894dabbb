import { Box, Static, Text } from "ink";
import type { Row } from "./frame.ts";

const TURNS = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export interface ScreenProps {
  /** All lines told so far; ink prints each once. */
  readonly told: readonly string[];
  /** Cells of the longest of those not printed yet. */
  readonly toldWidth: number;
  readonly rows: readonly Row[];
  /** Counts the pictures taken. */
  readonly turn: number;
}

/**
 * What is told for good above, what goes on below. A spinner is a text of its own: ink remembers every text it ever
 * measured, and the rest of a row changes only once a second.
 */
export function Screen({ told, toldWidth, rows, turn }: ScreenProps) {
  return (
    <>
      <Static items={told as string[]} style={{ width: toldWidth }}>
        {(line, at) => <Text key={at}>{line}</Text>}
      </Static>
      {rows.map(({ spins, text }, at) => (
        <Box key={at}>
          <Text>{spins ? TURNS[turn % TURNS.length] : " "} </Text>
          <Text wrap="truncate">{text}</Text>
        </Box>
      ))}
    </>
  );
}
