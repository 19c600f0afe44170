import { policyPlaceBehaviours } from '../../src/testing/contract/behaviours/policy-places.ts';
import { policyRuleBehaviours } from '../../src/testing/contract/behaviours/policy-rules.ts';
import { policyRunBehaviours } from '../../src/testing/contract/behaviours/policy-runs.ts';
import { policyTeamBehaviours } from '../../src/testing/contract/behaviours/policy-teams.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('policy', {
  ...policyPlaceBehaviours,
  ...policyTeamBehaviours,
  ...policyRuleBehaviours,
  ...policyRunBehaviours,
});
