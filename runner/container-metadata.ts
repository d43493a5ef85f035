import * as z from 'zod';
import { ask } from './instance-metadata.ts';

/**
 * The needed parts of the answer at `/task`: PullStartedAt and PullStoppedAt, when the first image's pull began and the last
 * one's finished. Both are missing if no image was pulled.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
 */
const taskSchema = z.object({ PullStartedAt: z.string().optional(), PullStoppedAt: z.string().optional() });

/**
 * Seconds that pulling this container's image took, according to the ECS agent; null if there is no agent, or it does not
 * answer within seconds.
 */
export async function pullingSeconds(
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<number | null> {
  const endpoint = environment['ECS_CONTAINER_METADATA_URI_V4'];
  if (endpoint === undefined) return null;
  const answer = await ask(`${endpoint}/task`, signal, {});
  return answer?.status === 200 ? pulled(answer.text) : null;
}

function pulled(text: string): number | null {
  try {
    const { PullStartedAt = '', PullStoppedAt = '' } = taskSchema.parse(JSON.parse(text));
    const seconds = (Date.parse(PullStoppedAt) - Date.parse(PullStartedAt)) / 1000;
    return seconds >= 0 ? seconds : null;
  } catch {
    return null;
  }
}
