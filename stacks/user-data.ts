import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFixed } from './image.ts';

const BOOT = readFileSync(join(import.meta.dirname, 'instance-boot.sh'), 'utf8');

/** The host's cache, shared by its containers under the same path. */
export const CACHE_FOLDER = '/var/cache/sweepstack';
/** Where the host's local disks are mounted. */
const SCRATCH_FOLDER = '/mnt/sweepstack';
/** The image's user (docker/trainer/Dockerfile). */
const IMAGE_USER = 1000;
/** Minutes to keep an image beyond those of an idle instance: its age counts from its pull, not its last use. */
const IMAGE_AGE_MINUTES = 24 * 60;

export interface AgentOptions {
  /** Minutes that an idle instance is kept. */
  readonly keepMinutes: number;
  /** The images of trials, as named in the configuration; undefined: Sweepstack's own. */
  readonly images: readonly (string | undefined)[];
}

/**
 * Settings of the ECS agent: https://github.com/aws/amazon-ecs-agent#environment-variables. Batch sets image clean-up to
 * 10 minutes.
 */
export function agentSettings({ keepMinutes, images }: AgentOptions): Readonly<Record<string, string>> {
  return {
    // A Spot notice drains the instance, so no new trial starts on a host that is about to go.
    ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true',
    // Many trials start at once on a host and wait for the same disk; by default, their containers fail after 4 minutes.
    ECS_CONTAINER_CREATE_TIMEOUT: '20m',
    ECS_CONTAINER_START_TIMEOUT: '10m',
    // Between SIGTERM and SIGKILL. The default of 30 s is too short: programs have 20 s, then several trials of a container
    // upload their checkpoints. A Spot instance goes two minutes after its notice.
    ECS_CONTAINER_STOP_TIMEOUT: '90s',
    ECS_IMAGE_MINIMUM_CLEANUP_AGE: `${keepMinutes + IMAGE_AGE_MINUTES}m`,
    // Pull once per host, unless that could miss a newer image. (prefer-cached would switch clean-up off.)
    ECS_IMAGE_PULL_BEHAVIOR: images.every(isFixed) ? 'once' : 'default',
  };
}

/** The script that runs at each boot. Tests set `root`, a prefix of every path it writes. */
export function bootScript(settings: Readonly<Record<string, string>>, root = ''): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [
    '#!/bin/bash',
    `root=${quoted(root)}`,
    `cache=${quoted(CACHE_FOLDER)}`,
    `scratch=${quoted(SCRATCH_FOLDER)}`,
    `user=${IMAGE_USER}`,
    `agent_settings=${quoted(lines.join('\n'))}`,
    BOOT,
  ].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Batch accepts user data only as MIME parts, to which it adds its own. A boothook runs at every boot, before the rest. */
export function userData(settings: Readonly<Record<string, string>>): string {
  const boundary = '==SWEEPSTACK==';
  return [
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/cloud-boothook; charset="us-ascii"',
    '',
    bootScript(settings),
    `--${boundary}--`,
    '',
  ].join('\n');
}
