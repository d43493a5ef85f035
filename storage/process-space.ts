import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256 } from '../core/base/digest.ts';

let known: string | undefined;

/**
 * Where a process id means this process and no other: this start of this machine and, on Linux, this namespace of
 * process ids, since containers that share a folder each have a process 1. The machine's name is no part of it, because
 * a network may rename a laptop. 8 hexadecimal characters.
 */
export function processSpace(): string {
  known ??= sha256(describe()).slice(0, 8);
  return known;
}

function describe(): string {
  try {
    // Loaded only there: it takes a cold start 3 ms.
    if (process.platform === 'darwin')
      return process
        .getBuiltinModule('node:child_process')
        .execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' })
        .trim();
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
