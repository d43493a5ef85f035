import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../stacks/config.ts';
import { blocksOf } from '../docs/blocks.ts';
import { Synthesized } from './support.ts';

// docs/plain-batch.md against the set-up that it replaces, field by field.

const page = readFileSync(join(import.meta.dirname, '../../docs/plain-batch.md'), 'utf8');
const { context } = JSON.parse(blocksOf(page).find(({ language }) => language === 'json')!.text);
const stack = new Synthesized(context.sweepstack, context.stack);

/** As it was made by hand. */
const BY_HAND: Readonly<Record<string, unknown>> = {
  environments: 1,
  queues: 1,
  'definitions by name': ['ml-training-gpu', 'ml-training-multi-gpu'],
  instances: 'g5.xlarge, p3',
  'vCPUs when idle': 0,
  'vCPUs of `gpu`': 8,
  'memory of `gpu`': 32_768,
  'GPUs of `gpu`': 1,
  'shared memory of `gpu`': 8192,
  'log of `gpu`': '/aws/batch/ml-training',
  'vCPUs of `multi-gpu`': 32,
  'memory of `multi-gpu`': 128 * 1024,
  'GPUs of `multi-gpu`': 4,
  'shared memory of `multi-gpu`': 16_384,
  'log of `multi-gpu`': '/aws/batch/ml-training',
};

/** What could not stay, with a row of the page that says why. */
const DEPARTURES: Readonly<Record<string, unknown>> = {
  queues: 2,
  instances: 'g5.2xlarge, g5.12xlarge',
  'memory of `gpu`': 29_000,
};

function deployed(): Record<string, unknown> {
  const environments = stack.properties('AWS::Batch::ComputeEnvironment');
  const definitions = stack.properties('AWS::Batch::JobDefinition');
  const [{ ComputeResources }] = environments;
  return {
    environments: environments.length,
    queues: stack.all('AWS::Batch::JobQueue').length,
    'definitions by name': definitions.map(({ JobDefinitionName }) => JobDefinitionName).sort(),
    instances: ComputeResources.InstanceTypes.join(', '),
    'vCPUs when idle': ComputeResources.MinvCpus,
    ...Object.assign({}, ...definitions.map(ofDefinition)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a template is any JSON
function ofDefinition({ JobDefinitionName, ContainerProperties }: any): Record<string, unknown> {
  const name = `\`${JobDefinitionName.replace('ml-training-', '')}\``;
  const wanted = (type: string) =>
    Number(ContainerProperties.ResourceRequirements.find(({ Type }: { Type: string }) => Type === type).Value);
  return {
    [`vCPUs of ${name}`]: wanted('VCPU'),
    [`memory of ${name}`]: wanted('MEMORY'),
    [`GPUs of ${name}`]: wanted('GPU'),
    [`shared memory of ${name}`]: ContainerProperties.LinuxParameters.SharedMemorySize,
    [`log of ${name}`]: ContainerProperties.LogConfiguration.Options['awslogs-group'],
  };
}

describe('the configuration of the page', () => {
  const found = deployed();

  test.each(Object.keys(BY_HAND))('gives what was there, or what the page says instead: %s', (field) => {
    expect(found[field]).toEqual(DEPARTURES[field] ?? BY_HAND[field]);
  });

  test('is compared in every field', () => {
    expect(Object.keys(found).sort()).toEqual(Object.keys(BY_HAND).sort());
  });

  test.each(Object.keys(DEPARTURES))('has a row that says why it departs: %s', (field) => {
    const row = page.split('\n').find((line) => line.startsWith(`| ${field} |`));
    expect(row?.split('|').filter((cell) => cell.trim() !== '')).toHaveLength(4);
  });

  test('has no row for what does not depart', () => {
    const rows = page.split('\n').filter((line) => /^\| (?!what|---)/.test(line));
    expect(rows).toHaveLength(Object.keys(DEPARTURES).length);
  });
});

describe('what was there', () => {
  const { gpuFamilies: _, ...rest } = context.sweepstack;

  test.each([
    ['g5.xlarge', /received g5\.xlarge, which has 4 vCPUs, but a trial needs 8/],
    ['p3', /received p3, whose GPUs are too old/],
  ])('could not stay: %s is refused at synth', (type, message) => {
    expect(() => parseConfig({ ...rest, gpuFamilies: [type, 'g5.2xlarge', 'g5.12xlarge'] })).toThrow(message);
  });

  test('could not stay: all of 32 GiB is refused at synth', () => {
    const { gpu, ...others } = context.sweepstack.profiles;
    const all = { ...gpu, memoryMiB: 32_768, instanceTypes: ['g5.2xlarge'] };
    expect(() => parseConfig({ ...context.sweepstack, profiles: { ...others, gpu: all } })).toThrow(
      /has 31714 MiB of memory for jobs, but a trial needs 32768/,
    );
  });
});
