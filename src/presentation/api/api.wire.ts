import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsLatitude,
  IsLongitude,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/* Bodies of the API for other programs: ours, so what is not listed is refused. */

const FILES = ['picture', 'video', 'file', 'voice', 'audio', 'sticker'] as const;
const TYPES = ['text', ...FILES, 'location', 'contact'] as const;
const LINK = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

export class ConversationWire {
  @ApiPropertyOptional({ example: 'edna:71844:79995550142', description: 'Our id of it' })
  @IsOptional()
  @IsString()
  @Length(1, 600)
  id?: string;

  @ApiPropertyOptional({
    example: '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53',
    description: "amoCRM's id of its chat",
  })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  chatId?: string;

  @ApiPropertyOptional({
    example: '+7 999 555-01-42',
    description: 'The client’s phone or other id',
  })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  address?: string;

  @ApiPropertyOptional({
    example: '71844',
    description:
      'With address: edna’s number of the channel; may be left out where the line has one',
  })
  @IsOptional()
  @IsString()
  @Matches(/^[^:\s]{1,128}$/, { message: 'channel must have no blanks and no colon' })
  channel?: string;
}

export class FromWire {
  @ApiProperty({ enum: ['client', 'manager', 'bot'], example: 'manager' })
  @IsIn(['client', 'manager', 'bot'])
  kind!: 'client' | 'manager' | 'bot';

  @ApiPropertyOptional({
    example: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8',
    description: 'Of a manager: the `amojo_id` of the user. Of the bot: its id at the channel',
  })
  @ValidateIf(({ kind, refId }: FromWire) => kind !== 'client' || refId !== undefined)
  @IsUUID()
  refId?: string;

  @ApiPropertyOptional({
    example: 'crm-user-3',
    description: 'Of a manager or the bot: your own id of him, always the same',
  })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  id?: string;

  @ApiPropertyOptional({ example: 'Олег', description: 'Required of a manager and the bot' })
  @ValidateIf(({ kind, name }: FromWire) => kind !== 'client' || name !== undefined)
  @IsString()
  @Length(1, 255)
  name?: string;
}

export class ReceiverWire {
  @ApiPropertyOptional({ example: 'Анна К.', description: 'Else what the client was called last' })
  @IsString()
  @Length(1, 255)
  name!: string;
}

export class LocationWire {
  @ApiProperty({ example: 59.9571 })
  @IsNumber()
  @IsLatitude()
  latitude!: number;

  @ApiProperty({ example: 30.3083 })
  @IsNumber()
  @IsLongitude()
  longitude!: number;
}

export class ContactCardWire {
  @ApiProperty({ example: 'Пётр' })
  @IsString()
  @Length(1, 255)
  name!: string;

  @ApiProperty({ example: '79995550177' })
  @IsString()
  @Length(1, 64)
  phone!: string;
}

export class ContentWire {
  @ApiProperty({ enum: TYPES, example: 'text' })
  @IsIn(TYPES)
  type!: (typeof TYPES)[number];

  @ApiPropertyOptional({ example: 'Уже проверяю', description: 'Of another type: the caption' })
  @ValidateIf(({ type, text }: ContentWire) => type === 'text' || text !== undefined)
  @IsString()
  @IsNotEmpty()
  @MaxLength(100_000)
  text?: string;

  @ApiPropertyOptional({
    example: 'https://files.example.test/a.pdf',
    description: 'Of a file: where amoCRM fetches it, without credentials',
  })
  @ValidateIf(
    ({ type, media }: ContentWire) => FILES.includes(type as 'file') || media !== undefined,
  )
  @IsUrl(LINK, { message: 'media must be an http or https address' })
  media?: string;

  @ApiPropertyOptional({ example: 'a.pdf' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  fileName?: string;

  @ApiPropertyOptional({ example: 48_211, description: 'Bytes' })
  @IsOptional()
  @IsInt()
  @Min(0)
  fileSize?: number;

  @ApiPropertyOptional({ example: 7, description: 'Of a video, a voice message or a sound' })
  @IsOptional()
  @IsInt()
  @Min(0)
  durationSeconds?: number;

  @ApiPropertyOptional({ type: LocationWire })
  @ValidateIf(({ type, location }: ContentWire) => type === 'location' || location !== undefined)
  @IsObject()
  @ValidateNested()
  @Type(() => LocationWire)
  location?: LocationWire;

  @ApiPropertyOptional({ type: ContactCardWire })
  @ValidateIf(({ type, contact }: ContentWire) => type === 'contact' || contact !== undefined)
  @IsObject()
  @ValidateNested()
  @Type(() => ContactCardWire)
  contact?: ContactCardWire;
}

class OfLine {
  @ApiPropertyOptional({ description: 'Name or key of the line; left out where there is one' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  line?: string;
}

export class MessageWire extends OfLine {
  @ApiProperty({ type: ConversationWire })
  @IsObject()
  @ValidateNested()
  @Type(() => ConversationWire)
  conversation!: ConversationWire;

  @ApiProperty({ type: FromWire })
  @IsObject()
  @ValidateNested()
  @Type(() => FromWire)
  from!: FromWire;

  @ApiPropertyOptional({ type: ReceiverWire, description: 'The client, of what others write' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ReceiverWire)
  receiver?: ReceiverWire;

  @ApiProperty({ type: ContentWire })
  @IsObject()
  @ValidateNested()
  @Type(() => ContentWire)
  content!: ContentWire;

  @ApiPropertyOptional({
    example: '2026-11-20T09:15:00.000Z',
    description: 'When it was written; shown at that time, and sent in the order of the calls',
  })
  @IsOptional()
  @IsISO8601({ strict: true })
  at?: string;

  @ApiPropertyOptional({
    description:
      'No lead and no notification. As a manager or the bot `true` unless said otherwise',
  })
  @IsOptional()
  @IsBoolean()
  silent?: boolean;
}

export class StatusWire {
  @ApiProperty({ enum: ['delivered', 'read', 'failed'], example: 'failed' })
  @IsIn(['delivered', 'read', 'failed'])
  status!: 'delivered' | 'read' | 'failed';

  @ApiPropertyOptional({
    enum: [901, 902, 903, 904, 905],
    description: 'With failed; 905 if left out',
  })
  @IsOptional()
  @IsIn([901, 902, 903, 904, 905])
  errorCode?: number;

  @ApiPropertyOptional({
    example: 'Телефон выключен',
    description: 'With failed: what the manager reads, up to 120 characters; required with 905',
  })
  @ValidateIf(
    ({ status, errorCode = 905, error }: StatusWire) =>
      (status === 'failed' && errorCode === 905) || error !== undefined,
  )
  @IsString()
  @Length(1, 120)
  @Matches(/\S/, { message: 'error must say something' })
  error?: string;
}

export class ChatWire extends OfLine {
  @ApiProperty({ example: '+7 999 555-01-42', description: 'The client’s phone or other id' })
  @IsString()
  @Length(1, 255)
  address!: string;

  @ApiPropertyOptional({ example: '71844', description: 'edna’s number of the channel' })
  @IsOptional()
  @IsString()
  @Matches(/^[^:\s]{1,128}$/, { message: 'channel must have no blanks and no colon' })
  channel?: string;

  @ApiPropertyOptional({ example: 'Анна К.' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  name?: string;
}

export class LeadWire {
  @ApiPropertyOptional({ example: 'Заказ 118' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  name?: string;

  @ApiPropertyOptional({ example: 90_210 })
  @IsOptional()
  @IsInt()
  @Min(1)
  pipelineId?: number;
}

export class ContactLinkWire extends OfLine {
  @ApiProperty({ example: 7_710_233 })
  @IsInt()
  @Min(1)
  contactId!: number;

  @ApiPropertyOptional({ example: 5_120_077, description: 'A lead to put the contact to' })
  @IsOptional()
  @IsInt()
  @Min(1)
  leadId?: number;

  @ApiPropertyOptional({ description: 'Make a lead for the contact; not together with leadId' })
  @IsOptional()
  @IsBoolean()
  autoCreateLead?: boolean;

  @ApiPropertyOptional({ type: LeadWire, description: 'Of the lead that is made' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LeadWire)
  lead?: LeadWire;
}
