import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';

const GiB = 1024 ** 3;
const PARTS_AT_ONCE = 8;

/** S3 copies up to 5 GiB in one request; above, in parts. Bytes. */
export interface CopySizes {
  readonly whole: number;
  readonly part: number;
}
export const COPY_SIZES: CopySizes = { whole: 5 * GiB, part: GiB };

interface Copy {
  readonly bucket: string;
  readonly from: string;
  readonly to: string;
}

/** Copies an object of any size within a bucket, without its bytes coming here. */
export async function copyObject(client: S3Client, copy: Copy, sizes: CopySizes = COPY_SIZES): Promise<void> {
  const head = await client.send(new HeadObjectCommand({ Bucket: copy.bucket, Key: copy.from }));
  const size = head.ContentLength ?? 0;
  const target = { Bucket: copy.bucket, Key: copy.to };
  const source = `${copy.bucket}/${copy.from.split('/').map(encodeURIComponent).join('/')}`;
  if (size <= sizes.whole) {
    await client.send(new CopyObjectCommand({ ...target, CopySource: source }));
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  try {
    const starts = Array.from({ length: Math.ceil(size / sizes.part) }, (_, index) => index * sizes.part);
    const parts = await pLimit(PARTS_AT_ONCE).map(starts, async (start, index) => {
      const range = `bytes=${start}-${Math.min(start + sizes.part, size) - 1}`;
      const part = { UploadId, PartNumber: index + 1, CopySource: source, CopySourceRange: range };
      // Without this a copy of an object that is replaced meanwhile would be made of both.
      const unchanged = { CopySourceIfMatch: head.ETag };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand({ ...target, ...part, ...unchanged }));
      return { PartNumber: index + 1, ETag: CopyPartResult?.ETag };
    });
    const done = { ...target, UploadId, MultipartUpload: { Parts: parts } };
    await client.send(new CompleteMultipartUploadCommand(done));
  } catch (error) {
    // Parts of an upload that was never ended are billed until a lifecycle rule removes them.
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}
