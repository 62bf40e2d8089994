import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type Client, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { hex } from "../envelope/index.js";
import { DiaryService } from "../generated/mewe/diary/v1/diary_service_pb.js";

/** The service that keeps sealed bytes among one's devices. */
export type DiaryClient = Client<typeof DiaryService>;

/** Calls a host; `token` gives the present access token. */
export function diaryClient(baseUrl: string, token: () => Promise<string>): DiaryClient {
  const transport = createConnectTransport({
    baseUrl,
    useBinaryFormat: true,
    defaultTimeoutMs: 30_000,
    interceptors: [
      (next) => async (request) => {
        request.header.set("authorization", `Bearer ${await token()}`);
        return next(request);
      },
    ],
  });
  return diaryClientOn(transport);
}

/** The same over any transport. */
export function diaryClientOn(transport: Transport): DiaryClient {
  return createClient(DiaryService, transport);
}

/** A fresh id for a write. */
export function requestId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** The reason with which a host refuses, such as DIARY_HEAD_MOVED; empty if it gives none. */
export function reasonOf(refused: unknown): string {
  if (!(refused instanceof ConnectError)) return "";
  for (const detail of refused.details) {
    if (!("type" in detail) || detail.type !== "google.rpc.ErrorInfo" || !("value" in detail)) continue;
    const reader = new BinaryReader(detail.value as Uint8Array);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === 1) return reader.string();
      reader.skip(type);
    }
  }
  return "";
}
