/** Notes in a result of what a program left that is not stored, or stored under another name: which folder, then what. */
export const FOLDER_NOTES = { model: 'MODEL_DIR: ', checkpoint: 'CHECKPOINT_DIR: ', events: "TensorBoard's folder: " };

/** What is said of the model, in one line; null when nothing is. */
export function modelNotes(notes: readonly string[] = []): string | null {
  const own = notes.filter((note) => note.startsWith(FOLDER_NOTES.model));
  return own.length === 0 ? null : own.join('; ');
}
