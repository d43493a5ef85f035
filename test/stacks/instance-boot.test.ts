import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { agentSettings, bootScript, userData } from '../../stacks/user-data.ts';

// The script of an instance's boot, run by bash in a folder of its own, with commands that would need a machine replaced
// by ones that note how they were called.

const EBS = ['/dev/nvme0n1', 'Amazon Elastic Block Store'];
const OWN = 'Amazon EC2 NVMe Instance Storage';
const SETTINGS = agentSettings({ keepMinutes: 20, images: [undefined] });

interface Machine {
  /** Device and model. */
  readonly disks?: readonly (readonly string[])[];
  /** Mount points of the disks. */
  readonly mounted?: string;
  /** What the first of several disks is part of. */
  readonly array?: string;
  /** Label of the file system on the device that is mounted. */
  readonly label?: string;
  /** Units that run. */
  readonly active?: readonly string[];
  /** Commands that fail. */
  readonly broken?: readonly string[];
}

function machine({ disks = [EBS], mounted = '', array, label = '', active = [], broken = [] }: Machine) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-boot-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [bin, root, calls] = [join(folder, 'bin'), join(folder, 'root'), join(folder, 'calls')];
  mkdirSync(bin);
  mkdirSync(join(root, 'var/lib/docker'), { recursive: true });
  writeFileSync(join(root, 'var/lib/docker/engine-id'), 'x');
  const names = disks.map(([device, model]) => `${device?.padEnd(14)} ${model?.padEnd(40)}`).join('\n');
  const parts = [`${disks[1]?.[0]} disk`, ...(array === undefined ? [] : [`${array} raid0`])].join('\n');
  const answers: Record<string, string> = {
    lsblk: `case "$*" in
      *MODEL*) echo '${names}' ;;
      *MOUNTPOINT*) echo '${mounted}' ;;
      *TYPE*) echo '${parts}' ;;
    esac`,
    blkid: `echo '${label}'`,
    systemctl: `case "$*" in "is-active --quiet "*) case ' ${active.join(' ')} ' in *" $3 "*) ;; *) exit 3 ;; esac ;; esac`,
  };
  for (const name of ['lsblk', 'blkid', 'systemctl', 'mdadm', 'dnf', 'mkfs.xfs', 'mount', 'install']) {
    const note = ['lsblk', 'blkid'].includes(name) ? '' : `echo "${name} $*" >> '${calls}'`;
    const answer = broken.includes(name) ? 'exit 1' : (answers[name] ?? '');
    writeFileSync(join(bin, name), `#!/bin/sh\n${note}\n${answer}\n`, { mode: 0o755 });
  }
  const config = join(root, 'etc/ecs/ecs.config');
  return {
    root,
    config,
    boot() {
      writeFileSync(calls, '');
      const { PATH = '' } = process.env;
      const environment = { PATH: `${bin}:${PATH}` };
      const script = bootScript(SETTINGS, root);
      const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: environment });
      const all = readFileSync(calls, 'utf8').replaceAll(root, '').trim().split('\n');
      return { status, stderr, calls: all.filter((call) => !/^systemctl (daemon-reload|is-active)/.test(call)) };
    },
    /** As systemd does when the agent starts. */
    startAgent() {
      const unit = readFileSync(join(root, 'etc/systemd/system/ecs.service.d/sweepstack.conf'), 'utf8');
      const program = /^\[Service\]\nExecStartPre=(.+)\n$/.exec(unit)![1]!;
      expect(spawnSync(program, { encoding: 'utf8' }).stderr).toBe('');
      return readFileSync(config, 'utf8').trim().split('\n');
    },
  };
}

const LAST = [
  'install --directory --owner=1000 --group=1000 /var/cache/sweepstack',
  'systemctl --no-block start docker.service',
];
const MOVED = ['/var/lib/docker', '/var/lib/containerd', '/var/cache/sweepstack'].map(
  (folder) => `mount --bind /mnt/sweepstack${folder} ${folder}`,
);
const disk = (number: number) => [`/dev/nvme${number}n1`, OWN];

describe('an instance', () => {
  test('without disks of its own touches no disk', () => {
    const { status, stderr, calls } = machine({ active: ['docker.service'] }).boot();
    expect({ status, calls }).toEqual({ status: 0, calls: LAST });
    expect(stderr).toMatch(/root volume/);
  });

  test('with one keeps Docker, its attempts and the cache there', () => {
    expect(machine({ disks: [EBS, disk(1)] }).boot().calls).toEqual([
      'mkfs.xfs -q -f -K -L sweepstack /dev/nvme1n1',
      'mount -o noatime /dev/nvme1n1 /mnt/sweepstack',
      ...MOVED,
      ...LAST,
    ]);
  });

  test('finds it also where the model is written with underscores', () => {
    const { calls } = machine({ disks: [EBS, ['/dev/nvme1n1', OWN.replaceAll(' ', '_')]] }).boot();
    expect(calls).toContain('mount -o noatime /dev/nvme1n1 /mnt/sweepstack');
  });

  test('with several stripes them', () => {
    const { calls } = machine({ disks: [disk(2), EBS, disk(1)] }).boot();
    expect(calls.slice(0, 3)).toEqual([
      'mdadm --create /dev/md/sweepstack --run --homehost=any --level=0 --raid-devices=2 /dev/nvme1n1 /dev/nvme2n1',
      'mkfs.xfs -q -f -K -L sweepstack /dev/md/sweepstack',
      'mount -o noatime /dev/md/sweepstack /mnt/sweepstack',
    ]);
  });

  test('that cannot stripe them uses the first alone', () => {
    const { stderr, calls } = machine({ disks: [EBS, disk(1), disk(2)], broken: ['mdadm'] }).boot();
    expect(calls).toContain('mount -o noatime /dev/nvme1n1 /mnt/sweepstack');
    expect(stderr).toMatch(/cannot stripe .*nvme2n1; only \/dev\/nvme1n1 is used/);
  });

  test('never formats a volume of EBS, wherever it stands among the disks', () => {
    for (const place of [0, 1, 2]) {
      const disks = [disk(1), disk(2)];
      disks.splice(place, 0, EBS, ['/dev/nvme9n1', 'Amazon Elastic Block Store']);
      expect(machine({ disks }).boot().calls.join('\n')).not.toMatch(/nvme[09]n1/);
    }
  });

  test('that was rebooted finds what it had', () => {
    const { calls } = machine({ disks: [EBS, disk(1)], label: 'sweepstack' }).boot();
    expect(calls).toEqual(['mount -o noatime /dev/nvme1n1 /mnt/sweepstack', ...MOVED, ...LAST]);
  });

  test('that was rebooted finds its stripe, under whatever name', () => {
    const { calls } = machine({ disks: [EBS, disk(1), disk(2)], array: '/dev/md127', label: 'sweepstack' }).boot();
    expect(calls).toEqual(['mount -o noatime /dev/md127 /mnt/sweepstack', ...MOVED, ...LAST]);
  });

  test('whose disks are in use leaves them and what runs alone', () => {
    const { calls } = machine({ disks: [EBS, disk(1)], mounted: '/data', active: ['docker.service'] }).boot();
    expect(calls).toEqual(LAST);
  });

  test.each(['mkfs.xfs', 'mount'])('works on its root volume where %s fails', (command) => {
    const { status, stderr, calls } = machine({ disks: [EBS, disk(1)], broken: [command] }).boot();
    expect(status).toBe(0);
    expect(stderr).toMatch(/cannot/);
    expect(calls.slice(-2)).toEqual(LAST);
    expect(calls.join('\n')).not.toContain('--bind');
  });

  test('stops Docker where it runs already, moves what it has, and starts it again', () => {
    const at = machine({ disks: [EBS, disk(1)], active: ['docker.service', 'containerd.service'] });
    const { calls } = at.boot();
    expect(calls[0]).toBe('systemctl stop docker.service containerd.service');
    expect(calls.at(-1)).toBe('systemctl --no-block start docker.service');
    expect(existsSync(join(at.root, 'mnt/sweepstack/var/lib/docker/engine-id'))).toBe(true);
  });
});

describe('the ECS agent', () => {
  const batch = 'ECS_CLUSTER=c\nECS_IMAGE_CLEANUP_INTERVAL=10m\nECS_IMAGE_MINIMUM_CLEANUP_AGE=10m';
  const expected = [
    'ECS_CLUSTER=c',
    'ECS_IMAGE_CLEANUP_INTERVAL=10m',
    ...Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`),
  ];

  test("is told the same whether Batch's part of the user data runs before or after ours, and at a second boot", () => {
    const before = machine({});
    mkdirSync(join(before.root, 'etc/ecs'), { recursive: true });
    writeFileSync(before.config, batch);
    before.boot();
    expect(before.startAgent()).toEqual(expected);
    const after = machine({});
    after.boot();
    writeFileSync(after.config, `${readFileSync(after.config, 'utf8')}${batch}`);
    expect(after.startAgent()).toEqual(expected);
    after.boot();
    expect(after.startAgent()).toEqual(expected);
  });

  test('keeps an image for longer than an idle instance is kept', () => {
    for (const keepMinutes of [20, 10_080]) {
      const age = agentSettings({ keepMinutes, images: [] })['ECS_IMAGE_MINIMUM_CLEANUP_AGE'];
      expect(Number.parseInt(age!, 10)).toBeGreaterThan(keepMinutes + 60);
    }
  });

  test.each([
    ['once', [undefined]],
    ['once', [undefined, `r/i@sha256:${'a'.repeat(64)}`]],
    ['default', [undefined, '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:2026-11-01']],
    ['default', ['r/i@sha256:aa']],
  ])('pulls %s where the images are %j', (behavior, images) => {
    expect(agentSettings({ keepMinutes: 20, images })['ECS_IMAGE_PULL_BEHAVIOR']).toBe(behavior);
  });
});

test('user data is ASCII and far below the 16 KB that EC2 takes, with room for what Batch adds', () => {
  const text = userData(SETTINGS);
  expect(text).toMatch(/^[\n\t\x20-\x7e]*$/);
  expect(Buffer.byteLength(text)).toBeLessThan(8 * 1024);
});

test.skipIf(spawnSync('shellcheck', ['--version']).error !== undefined)('shellcheck finds no fault', () => {
  const { stdout } = spawnSync('shellcheck', ['-'], { encoding: 'utf8', input: bootScript(SETTINGS) });
  expect(stdout).toBe('');
});
