import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StopQueue } from '../../runner/stop-queue.ts';

/** A queue, what has begun in it so far, and the end of each by its name. */
function queue() {
  const stops = new StopQueue();
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const store = (name: string, loss: number | null) =>
    stops.inTurn(loss, () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) =>
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error))),
      );
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)!(error);
    await turn();
  };
  return { store, begun, end };
}

test('lanes store one after the other, the greatest loss first, whoever came first; then what is worth least', async () => {
  const { store, begun, end } = queue();
  const all = [store('outputs', null), store('little', 3), store('much', 60)];
  await turn();
  expect(begun).toEqual(['much']);
  all.push(store('some', 20));
  await end('much');
  await end('some');
  expect(begun).toEqual(['much', 'some', 'little']);
  await end('little');
  await end('outputs');
  expect(await Promise.all(all)).toEqual(['outputs', 'little', 'much', 'some']);
});

test('a lane that ends late waits for no outputs, and one whose store fails makes room for the next', async () => {
  const { store, begun, end } = queue();
  const [outputs, failed, late] = [store('outputs', null), store('failed', 1), store('late', 0)];
  await turn();
  const refused = expect(failed).rejects.toThrow('no store');
  await end('failed', new Error('no store'));
  await refused;
  await end('late');
  expect([await late, begun]).toEqual(['late', ['failed', 'late', 'outputs']]);
  const last = store('last', 5);
  await turn();
  expect(begun.at(-1)).toBe('last');
  await end('last');
  await end('outputs');
  expect(await Promise.all([outputs, last])).toEqual(['outputs', 'last']);
});
