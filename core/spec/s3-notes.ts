/** For programs that read from S3 and write to it themselves: these two are set only under conditions. */
export const S3_VARIABLES = ['S3_DATA_PATH', 'S3_OUTPUT_PATH'] as const;

export interface S3Mention {
  readonly variable: (typeof S3_VARIABLES)[number];
  /** The first file of the source that names it. */
  readonly file: string;
}

/** What a program will not find, by what its source names. `inBucket`: the store is a bucket; undefined: not known yet. */
export function s3Notes(
  mentions: readonly S3Mention[],
  data: string | undefined,
  inBucket: boolean | undefined,
): string[] {
  return mentions.flatMap(({ variable, file }) => {
    if (variable === 'S3_OUTPUT_PATH')
      return inBucket === true
        ? []
        : [
            `${file} names S3_OUTPUT_PATH, which is set only where the store is a bucket: with sweep start, or with sweep run --store s3://bucket/prefix`,
          ];
    return data?.startsWith('s3://')
      ? []
      : [
          `${file} names S3_DATA_PATH, which is set only where training.data is s3://bucket/prefix; a folder is at DATA_DIR`,
        ];
  });
}
