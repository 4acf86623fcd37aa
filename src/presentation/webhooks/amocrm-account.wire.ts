import { ApiProperty } from '@nestjs/swagger';

/*
 * The account's webhook about a template that is to be approved: https://www.amocrm.ru/developers/content/crm_platform/webhooks-format
 * (copy of 2026-01-07). It comes as a form with keys in PHP's manner, so that every value is a text; here only for /docs.
 */

export class AccountReview {
  @ApiProperty({ example: '15' }) id: string;
  @ApiProperty({ example: 'review', description: 'Anything but `review` waits for nothing.' })
  status: string;
}

export class AccountTemplate {
  @ApiProperty({ example: '6955' }) id: string;
  @ApiProperty({ enum: ['waba', 'amocrm'] }) type: string;
  @ApiProperty({ example: 'order_ready' }) name: string;
  @ApiProperty({ example: 'Order {{lead.name}} is ready' }) content: string;
  @ApiProperty({ type: [AccountReview] }) reviews: AccountReview[];
  @ApiProperty({ required: false }) waba_header?: string;
  @ApiProperty({ required: false }) waba_footer?: string;
  @ApiProperty({ required: false, example: 'UTILITY' }) waba_category?: string;
  @ApiProperty({ required: false, example: 'ru' }) waba_language?: string;
}

/** Other events have another key in its place; they are counted and left. */
export class AccountHook {
  @ApiProperty({ type: [AccountTemplate] }) add: AccountTemplate[];
}
