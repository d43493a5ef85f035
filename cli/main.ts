import { restartedUnderNode24 } from './startup.ts';

// The command's first act, before any of its modules is needed: go on under Node 24 where an older one started it.
if (!restartedUnderNode24()) {
  const { sweep } = await import('./program.ts');
  const status = await sweep(process.argv.slice(2));
  // Not left to a drained event loop: nothing that a library keeps open may hold a finished command.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((written) => stream.write('', written))),
  );
  process.exit(status);
}
