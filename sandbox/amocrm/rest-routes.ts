import { addAccountRoutes } from './account-routes.ts';
import { addChatLinkRoutes } from './chat-link-routes.ts';
import { addContactRoutes } from './contact-routes.ts';
import { addLeadRoutes } from './lead-routes.ts';
import type { RestApi } from './rest-api.ts';
import { addSourceRoutes } from './source-routes.ts';
import { addTalkRoutes } from './talk-routes.ts';
import { addTemplateRoutes } from './template-routes.ts';
import { addWebhookRoutes } from './webhook-routes.ts';

/** All of REST v4 that the twin has. `contacts/chats` stands before `contacts/:id`, or it were one. */
export function addRestRoutes(api: RestApi): void {
  addAccountRoutes(api);
  addChatLinkRoutes(api);
  addContactRoutes(api);
  addLeadRoutes(api);
  addSourceRoutes(api);
  addTemplateRoutes(api);
  addTalkRoutes(api);
  addWebhookRoutes(api);
  api.refuseTheRest();
}
