import { type DeployedArns, type Grant, objects, WRITE } from '../../core/aws/grants.ts';

export const promoteGrants = ({ store }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*', 'models/*']),
  objects(store, WRITE, ['models/*']),
  // To release the sweep's lock.
  objects(store, ['s3:DeleteObject'], ['sweeps/*/lock.json']),
];
