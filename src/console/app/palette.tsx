import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Autocomplete, Dialog, Input, Menu, MenuItem, Modal, ModalOverlay, SearchField } from 'react-aria-components';
import type { Permission } from '../words/permissions.ts';
import { pagesFor } from './nav.ts';
import { meQuery } from './queries.ts';

interface Command {
  readonly id: string;
  readonly words: string;
  run(): void;
}

const actionId = /^\d{5,30}$/;

const nothing: readonly Permission[] = [];

/** Every page, and whatever an id that was typed can be of. */
function useCommands(typed: string): readonly Command[] {
  const navigate = useNavigate();
  const { data: me } = useQuery(meQuery);
  const pages = pagesFor(me?.permissions ?? nothing).map(({ path, title }) => ({
    id: path,
    words: `Go to ${title}`,
    run: () => void navigate({ to: path }),
  }));
  const text = typed.trim();
  const found: Command[] = actionId.test(text)
    ? [
        {
          id: 'action',
          words: `Action ${text}`,
          run: () => void navigate({ to: '/actions/$actionId', params: { actionId: text } }),
        },
      ]
    : [];
  const byHost: Command[] =
    text === ''
      ? []
      : [
          {
            id: 'host',
            words: `Endpoints named like ${text}`,
            run: () => void navigate({ to: '/endpoints', search: { host: text } }),
          },
        ];
  return [...found, ...pages.filter(({ words }) => words.toLowerCase().includes(text.toLowerCase())), ...byHost];
}

export function Palette({ isOpen, onClose }: { readonly isOpen: boolean; onClose(): void }) {
  const [typed, setTyped] = useState('');
  const commands = useCommands(typed);
  const close = () => {
    setTyped('');
    onClose();
  };
  return (
    <ModalOverlay className="overlay top" isDismissable isOpen={isOpen} onOpenChange={(open) => !open && close()}>
      <Modal className="modal narrow">
        <Dialog aria-label="Find anything" className="palette">
          <Autocomplete inputValue={typed} onInputChange={setTyped}>
            <SearchField aria-label="A page, an action, an endpoint" autoFocus className="field">
              <Input className="input" placeholder="A page, the id of an action, a host …" />
            </SearchField>
            <Menu
              aria-label="Found"
              className="menu"
              items={commands}
              onAction={(id) => {
                commands.find((command) => command.id === id)?.run();
                close();
              }}
              renderEmptyState={() => <p className="state">Nothing is called so.</p>}
            >
              {(command) => (
                <MenuItem className="menu-item" id={command.id}>
                  {command.words}
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
