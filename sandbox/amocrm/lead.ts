import type { JsonObject } from '../json.ts';

/** The account's first pipeline; incoming leads go here unless their source names another. */
export const MAIN_PIPELINE = 90_210;
/** The two stages every pipeline ends in. */
export const WON = 142;
export const LOST = 143;

/** The stage of incoming leads, and the first of the ordinary ones. */
export function stagesOf(pipelineId: number): { unsorted: number; first: number } {
  return { unsorted: pipelineId + 1, first: pipelineId + 2 };
}

export interface Lead {
  readonly id: number;
  name: string;
  price: number;
  statusId: number;
  pipelineId: number;
  responsibleUserId: number;
  contactIds: readonly number[];
  /** Seconds since 1970. */
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | null;
}

export function isOpen({ statusId }: Lead): boolean {
  return statusId !== WON && statusId !== LOST;
}

/** An incoming lead that nobody has accepted yet. */
export function isUnsorted({ statusId, pipelineId }: Lead): boolean {
  return statusId === stagesOf(pipelineId).unsorted;
}

export function leadBody(lead: Lead, accountNumber: number, more: JsonObject): JsonObject {
  return {
    id: lead.id,
    name: lead.name,
    price: lead.price,
    responsible_user_id: lead.responsibleUserId,
    group_id: 0,
    status_id: lead.statusId,
    pipeline_id: lead.pipelineId,
    loss_reason_id: null,
    created_by: 0,
    updated_by: 0,
    created_at: lead.createdAt,
    updated_at: lead.updatedAt,
    closed_at: lead.closedAt,
    closest_task_at: null,
    is_deleted: false,
    custom_fields_values: null,
    score: null,
    account_id: accountNumber,
    labor_cost: null,
    ...more,
  };
}
