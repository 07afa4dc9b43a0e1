import description from '../../package.json' with { type: 'json' };

export const agentVersion: string = description.version;
