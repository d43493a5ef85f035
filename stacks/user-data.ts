import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFixed } from './image.ts';

const BOOT = readFileSync(join(import.meta.dirname, 'instance-boot.sh'), 'utf8');

/** The cache on the host, shared by its containers; the same path inside them. */
export const CACHE_FOLDER = '/var/cache/sweepstack';
/** Where the host's own disks are mounted. */
const SCRATCH_FOLDER = '/mnt/sweepstack';
/** The image's user (docker/trainer/Dockerfile). */
const IMAGE_USER = 1000;
/** An image is kept this much longer than an idle instance, in minutes: its age counts from its pull, not its last use. */
const IMAGE_AGE_MINUTES = 24 * 60;

export interface AgentOptions {
  /** Minutes that an idle instance is kept. */
  readonly keepMinutes: number;
  /** The images of trials, as the configuration names them; undefined: the product's own. */
  readonly images: readonly (string | undefined)[];
}

/**
 * What the ECS agent is told: https://github.com/aws/amazon-ecs-agent#environment-variables. Batch sets the clean-up of
 * images to 10 minutes.
 */
export function agentSettings({ keepMinutes, images }: AgentOptions): Readonly<Record<string, string>> {
  return {
    // A Spot notice then drains the instance: no new trial starts on a host that is about to go.
    ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true',
    // Many trials of one host start at once and wait for the same disk; after 4 minutes their containers would fail.
    ECS_CONTAINER_CREATE_TIMEOUT: '20m',
    ECS_CONTAINER_START_TIMEOUT: '10m',
    // Between SIGTERM and SIGKILL, 30 s by default: several trials of one container upload their checkpoints after the 20 s
    // that their programs have. A Spot instance goes two minutes after its notice.
    ECS_CONTAINER_STOP_TIMEOUT: '90s',
    ECS_IMAGE_MINIMUM_CLEANUP_AGE: `${keepMinutes + IMAGE_AGE_MINUTES}m`,
    // Once a host, where that cannot miss a newer image. (prefer-cached would switch the clean-up off.)
    ECS_IMAGE_PULL_BEHAVIOR: images.every(isFixed) ? 'once' : 'default',
  };
}

/** The script of each boot. `root` stands before every path that it writes, for tests. */
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

/** Batch takes user data as MIME parts only, and puts its own beside them. A boothook runs at every boot, and first. */
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
