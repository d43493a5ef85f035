/** What a frame is drawn on. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  readonly unicode: boolean;
}
