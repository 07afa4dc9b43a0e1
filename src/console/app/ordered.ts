import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { tell } from '../kit/notices.tsx';

interface Ordered {
  readonly id: string;
  readonly approval: { readonly state: string } | null;
}

/** Tells what became of an order, and leads to its action. */
export function useOrdered(): (action: Ordered, words: string) => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async ({ id, approval }, words) => {
    tell(
      approval?.state === 'waiting' ? `Action ${id} waits for approval: no endpoint is told of it until then.` : words,
    );
    await queries.invalidateQueries({ queryKey: ['actions'] });
    await navigate({ to: '/actions/$actionId', params: { actionId: id } });
  };
}
