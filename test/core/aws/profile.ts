import type { DeployedProfile } from '../../../core/aws/deployment.ts';

/** A profile of one GPU as a deployment tells of it, with some of its values replaced. */
export const profile = (over: Partial<DeployedProfile>): DeployedProfile => ({
  queue: 'q',
  jobDefinition: 'd:1',
  gpus: 1,
  image: null,
  vcpus: 8,
  memoryMiB: 28_000,
  maxVcpus: 256,
  spot: true,
  instanceTypes: ['g4dn', 'g5'],
  logGroup: '/aws/batch/x',
  ...over,
});
