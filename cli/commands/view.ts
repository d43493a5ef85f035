import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { badInput } from '../../core/base/errors.ts';
import type { LiveReport } from '../../objects/live-report.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { type FoundSweep, findSweep, isOfThisFolder, localSweeps, type Where } from '../lookup/find.ts';
import { liveReportOf } from '../lookup/report-file.ts';
import { damagedState, stateOf } from '../lookup/state.ts';
import { missingPage, viewPage, waitingPage } from '../lookup/view-page.ts';
import { EXIT, type Output } from '../terminal/output.ts';

export interface ViewOptions extends Where {
  /** Default: any that is free. */
  readonly port?: number;
}

/**
 * Shows the sweeps of this machine, or first the one that is named, as pages on 127.0.0.1 until it is stopped. The pages are
 * made anew each time they are asked for. Nothing can be changed through them.
 */
export async function view(
  id: string | undefined,
  { port = 0, ...where }: ViewOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const named = id === undefined ? null : await findSweep(id, where);
  const pages = new Pages(where, named);
  // Imported by name, Node's http brings its own fetch along, and every command would start 50 ms later.
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => void pages.answer(request, response));
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw badInput('--port', `received ${port}: ${(error as Error).message}; allowed: a port that is free`);
  }
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = named === null ? `${origin}/` : `${origin}${pathOf(named.sweepId)}`;
  output.document({ url });
  output.text(`${url}   (Ctrl-C ends it)`);
  if (!signal.aborted) await once(signal, 'abort');
  server.close();
  server.closeAllConnections();
  return EXIT.done;
}

const pathOf = (sweepId: string): string => `/sweeps/${encodeURIComponent(sweepId)}`;

class Pages {
  readonly #where: Where;
  readonly #named: FoundSweep | null;
  /** Each reads a result once, however often its page is asked for. */
  readonly #reports = new Map<string, LiveReport>();

  constructor(where: Where, named: FoundSweep | null) {
    this.#where = where;
    this.#named = named;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: string) =>
      response
        .writeHead(status, {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        })
        .end(request.method === 'HEAD' ? '' : body);
    try {
      // A page of the web may have a name that leads here; what it asks for carries that name.
      if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return void send(403, missingPage());
      if (request.method !== 'GET' && request.method !== 'HEAD') return void send(405, missingPage());
      const page = await this.#page(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
      send(page === null ? 404 : 200, page ?? missingPage());
    } catch (error) {
      // One sweep that cannot be read ends no view of the others.
      if (!response.headersSent) send(500, viewPage([damagedState('error', (error as Error).message)]));
    }
  }

  async #page(path: string): Promise<string | null> {
    if (path === '/') return viewPage(await concurrently(await this.#sweeps(), 8, stateOrDamage));
    const sweepId = /^\/sweeps\/([^/]+)$/.exec(path)?.[1];
    const sweep = (await this.#sweeps()).find((one) => pathOf(one.sweepId) === `/sweeps/${sweepId}`);
    if (sweep === undefined) return null;
    const key = `${sweep.workdir} ${sweep.sweepId}`;
    const report = this.#reports.get(key) ?? liveReportOf(sweep.store, sweep.sweepId);
    this.#reports.set(key, report);
    return (await report.compose()) ?? waitingPage(sweep.sweepId);
  }

  /** The one that was named first: of two of one id it is the one that is meant. */
  async #sweeps(): Promise<FoundSweep[]> {
    const local = await localSweeps(this.#where);
    const here = local.filter((sweep) => isOfThisFolder(sweep, this.#where));
    const shown = here.length === 0 ? local : here;
    return this.#named === null
      ? shown
      : [this.#named, ...shown.filter(({ sweepId }) => sweepId !== this.#named!.sweepId)];
  }
}

const stateOrDamage = (sweep: FoundSweep) =>
  stateOf(sweep).catch((error: Error) => damagedState(sweep.sweepId, error.message));
