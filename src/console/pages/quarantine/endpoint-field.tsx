import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from 'react-aria-components';
import { client } from '../../app/client.ts';
import { ShownText } from '../../kit/shown-text.tsx';
import { nameOf } from '../../words/presences.ts';

interface EndpointFieldProps {
  readonly endpointId: string | undefined;
  readonly label?: string;
  onChange(endpointId: string | undefined): void;
}

const mostOffered = 20;

/** Finds one endpoint by part of its host name. Empty: any. */
export function EndpointField({ endpointId, label = 'Endpoint', onChange }: EndpointFieldProps) {
  const [typed, setTyped] = useState<string>();
  const { data: chosen } = useQuery({
    queryKey: ['endpoints', endpointId],
    queryFn: () => client.readEndpoint(endpointId ?? ''),
    enabled: endpointId !== undefined,
  });
  const shown = typed ?? (endpointId === undefined ? '' : (chosen?.hostName ?? endpointId));
  const { data: found } = useQuery({
    queryKey: ['endpoints', 'named', shown],
    queryFn: () => client.listEndpoints({ limit: mostOffered, ...(shown !== '' && { hostNameContains: [shown] }) }),
    enabled: typed !== undefined,
  });
  return (
    <ComboBox
      allowsEmptyCollection
      className="field"
      inputValue={shown}
      items={found?.items ?? []}
      menuTrigger="focus"
      onInputChange={(text) => {
        setTyped(text);
        if (text === '' && endpointId !== undefined) {
          onChange(undefined);
        }
      }}
      onOpenChange={(isOpen) => setTyped(isOpen ? shown : undefined)}
      onSelectionChange={(key) => {
        if (key !== null) {
          onChange(String(key));
          setTyped(undefined);
        }
      }}
    >
      <Label>{label}</Label>
      <Input className="input" placeholder="Any" />
      <Popover className="popover">
        <ListBox className="menu" renderEmptyState={() => <p className="mute">No endpoint has such a name.</p>}>
          {(endpoint: NonNullable<typeof found>['items'][number]) => (
            <ListBoxItem className="menu-item" id={endpoint.id} textValue={endpoint.hostName}>
              <ShownText text={nameOf(endpoint)} />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
