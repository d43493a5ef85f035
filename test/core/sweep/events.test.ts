import { expect, test } from 'vitest';
import { guarded } from '../../../core/sweep/events.ts';

test('a renderer gets every event, and one that throws ends nothing', () => {
  const messages: string[] = [];
  const onEvent = guarded((event) => {
    if (event.type === 'notice') messages.push(event.message);
    throw new Error('the pipe is broken');
  });
  onEvent({ type: 'notice', message: 'one' });
  onEvent({ type: 'notice', message: 'two' });
  expect(messages).toEqual(['one', 'two']);
});
