/** The library has no types of its own. */
declare module 'whatwg-mimetype' {
  export class MIMEType {
    static parse(text: string): MIMEType | null;
    readonly essence: string;
    readonly parameters: {
      get(name: string): string | undefined;
      has(name: string): boolean;
      set(name: string, value: string): void;
    };
    toString(): string;
  }
}
