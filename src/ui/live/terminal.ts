/** The terminal as a live view needs it. */
export interface Terminal {
  /** As they are now; both change when its window does. */
  readonly columns: number;
  readonly rows: number;
  /** A line that no longer fits is folded when the window gets narrower; some terminals cut it off instead. */
  readonly folds: boolean;
  write(text: string): void;
  /** Answers what ends it. */
  onResize(listener: () => void): () => void;
  /** `aside` runs before the user's Ctrl-Z stops the program, `back` when it goes on. Answers what ends it. */
  onSuspend(aside: () => void, back: () => void): () => void;
}
