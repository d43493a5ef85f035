/** What Batch describes of a job's container, as far as it matters here. */
interface DescribedJob {
  readonly container?:
    | {
        readonly environment?:
          | readonly { readonly name?: string | undefined; readonly value?: string | undefined }[]
          | undefined;
      }
    | undefined;
}

/** The SWEEP_MANIFEST that a job was submitted with; null for a job that is not a sweep's. */
export const manifestOfJob = ({ container }: DescribedJob): string | null =>
  container?.environment?.find(({ name }) => name === 'SWEEP_MANIFEST')?.value ?? null;
