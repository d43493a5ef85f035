import { type DeployedArns, type Grant, objects, WRITE } from '../../core/aws/grants.ts';

export const selectGrants = ({ store }: DeployedArns): Grant[] => [
  objects(store, ['s3:GetObject'], ['sweeps/*', 'prices/*']),
  objects(store, [...WRITE, 's3:DeleteObject'], ['sweeps/*']),
];
