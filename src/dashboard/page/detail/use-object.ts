import type { Kind } from '../../messages.ts';
import { useRequest } from '../use-request.ts';
import type { DetailProps } from './detail-props.ts';

/** The object of a view, whole: it is read again with each version that the list has. */
export function useObject<T>(kind: Kind, { row, namespace, name }: DetailProps<Kind>) {
  return useRequest<T>(`/api/objects/${kind}/${namespace}/${name}`, row?.version);
}
