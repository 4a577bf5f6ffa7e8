import { type JSX } from 'preact';
import { type Input } from '../api';
import { Segmented } from '../elements/segmented';
import { Select } from '../elements/select';
import { bandsOf, displayOf, setDisplay } from './display';

const NAMES = ['R', 'G', 'B'] as const;

/** Which channels are shown: RGB or one of them, and from four on any one or any three. */
export function ChannelRow({ run, input }: { run: string; input: Input }): JSX.Element {
  const { channels } = bandsOf(input, displayOf(run).value);
  const choose = (next: number[]): void => setDisplay(run, { channels: next });
  if (input.channels === 3) {
    const options = [{ value: 'rgb', label: 'RGB' }, ...NAMES.map((label, at) => ({ value: String(at), label }))];
    return (
      <div class="channel-row">
        <Segmented
          label="Channels"
          value={channels.length === 3 ? 'rgb' : String(channels[0])}
          options={options}
          onChange={(value) => choose(value === 'rgb' ? [0, 1, 2] : [Number(value)])}
        />
      </div>
    );
  }
  const bands = Array.from({ length: input.channels }, (_, at) => ({ value: String(at), label: String(at) }));
  const replace = (position: number, value: string): void =>
    choose(channels.map((channel, at) => (at === position ? Number(value) : channel)));
  return (
    <div class="channel-row">
      {input.channels > 2 && (
        <Segmented
          label="Bands shown"
          value={channels.length === 3 ? 'three' : 'one'}
          options={[{ value: 'one', label: 'Band' }, { value: 'three', label: 'RGB' }]}
          onChange={(mode) => choose(mode === 'one' ? [channels[0]] : [channels[0], (channels[0] + 1) % input.channels, (channels[0] + 2) % input.channels])}
        />
      )}
      {channels.map((channel, at) => (
        <Select
          key={at}
          small
          caption
          label={channels.length === 3 ? (NAMES[at] ?? '') : 'Band'}
          value={String(channel)}
          options={bands}
          onChange={(value) => replace(at, value)}
        />
      ))}
    </div>
  );
}
