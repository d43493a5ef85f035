import { type DeployedArns, type Grant, objects, WRITE } from '../../core/aws/grants.ts';

export const promoteGrants = ({ store }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*', 'models/*']),
  objects(store, WRITE, ['models/*']),
  // It lets the sweep go.
  objects(store, ['s3:DeleteObject'], ['sweeps/*/lock.json']),
];
