"""Creates, updates and deletes what synthesized templates describe, each resource by its own service's API, as
CloudFormation would: a resource whose filled properties are the same is left alone, one that is not in the template any
more is deleted unless its policy retains it.

botocore checks every call against the service's model, so a property that AWS does not know fails here. Left out:

- AWS::S3::BucketPolicy: moto applies its Deny whatever the condition (TLS) says. gateway.py judges the roles' policies.
- AWS::SQS::QueuePolicy, AWS::CDK::Metadata: nothing here asks them. The template's tests do.
- AWS::EC2::* but the network: instances are processes of this machine. Their templates and groups are made up.
- CDK's own function for Custom::CDKBucketDeployment: what it does is done here, with its role's rights and its /tmp.
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3

from . import ACCOUNT, REGION
from .batch import Batch
from .events import Events
from .functions import Functions
from .images import push_images
from .jobs import Definition
from .network import NETWORK, AnyAttribute, Network
from .roles import Role, Roles, as_list

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "Sweepstack",
    "AWS::NoValue": None,
}
ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
UPLOADER = "CustomCDKBucketDeployment"
LEFT_OUT = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::CDK::Metadata")


@dataclass
class Made:
    """A resource as it was last deployed: what a Ref to it gives, and what GetAtt does."""

    kind: str
    properties: dict
    ref: str
    attributes: dict
    retained: bool


class Deployment(Network):
    """One deployed stack. `outputs`: as CloudFormation would tell them."""

    def __init__(self, endpoint: str, roles: Roles, batch: Batch, functions: Functions, events: Events) -> None:
        self.endpoint, self._roles, self._batch = endpoint, roles, batch
        self._functions, self._events = functions, events
        self._session = session("deployer", "secret")
        self._made: dict[str, Made] = {}
        self._role_arns: dict[str, str] = {}
        self.schedules: dict[str, dict] = {}
        # By the name of the managed policy.
        self.people: dict[str, Role] = {}
        self.outputs: dict[str, str] = {}
        self.client("s3").create_bucket(Bucket=ASSETS)

    def deploy(self, assembly: Path) -> None:
        """Makes the stack what the assembly's template says."""
        (manifest,) = assembly.glob("*.template.json")
        self._stack = manifest.name.removesuffix(".template.json")
        template = json.loads(manifest.read_text())
        self._resources = template["Resources"]
        self._done: set[str] = set()
        assets = json.loads((assembly / f"{self._stack}.assets.json").read_text())
        self._upload_assets(assembly, assets["files"])
        push_images(self.client("ecr"), assets.get("dockerImages", {}), self.fill)
        for name in self._resources:
            self._make(name)
        for name in [each for each in self._made if each not in self._resources]:
            made = self._made.pop(name)
            if not made.retained:
                self._delete(made)
        self.outputs = {key: self.fill(value["Value"]) for key, value in template.get("Outputs", {}).items()}

    def client(self, service: str):
        return self._session.client(service, endpoint_url=self.endpoint)

    def _upload_assets(self, assembly: Path, assets: dict) -> None:
        """As the bootstrap would: each asset, zipped when it is a folder, under its key in the bucket of assets."""
        for asset in assets.values():
            source = assembly / asset["source"]["path"]
            data = zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
            for destination in asset["destinations"].values():
                self.client("s3").put_object(Bucket=ASSETS, Key=destination["objectKey"], Body=data)

    def fill(self, value):
        """A value with its intrinsic functions carried out; what they refer to is created first."""
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return PSEUDO[argument] if argument in PSEUDO else self._make(argument).ref
            if name == "Fn::GetAtt":
                return self._make(argument[0]).attributes[argument[1]]
            if name == "Fn::Join":
                return argument[0].join(str(self.fill(each)) for each in argument[1])
            if name == "Fn::Sub":
                return re.sub(r"\$\{([^}]+)\}", lambda match: self.fill({"Ref": match[1]}), argument)
            if name == "Fn::Select":
                return self.fill(argument[1])[int(argument[0])]
            if name == "Fn::GetAZs":
                return [f"{REGION}{letter}" for letter in "abcdef"]
            if name in ("Fn::FindInMap", "Fn::If"):
                return None
        return {key: self.fill(each) for key, each in value.items()}

    def _make(self, name: str) -> Made:
        if name in self._done:
            return self._made[name]
        resource = self._resources.get(name)
        if resource is None:
            return Made("", {}, "", {}, True)  # a parameter of the bootstrap
        for other in as_list(resource.get("DependsOn", [])):
            self._make(other)
        kind, before = resource["Type"], self._made.get(name)
        unmade = kind.startswith("AWS::EC2::") and kind not in NETWORK
        if kind in LEFT_OUT or kind == "AWS::Lambda::LayerVersion" or unmade:
            properties, made = {}, (name, AnyAttribute(name))
        elif name.startswith(UPLOADER):
            properties = {key: self.fill(resource["Properties"].get(key)) for key in ("Role", "EphemeralStorage")}
            made = (name, AnyAttribute(name))
        else:
            properties = self.fill(resource["Properties"])
            maker = getattr(self, "_" + re.sub(r"\W+", "_", kind.removeprefix("AWS::")).lower(), None)
            if maker is None:
                raise NotImplementedError(f"{name}: {kind} is not known to aws/deploy.py")
            if before is not None and before.properties == properties:
                made = (before.ref, before.attributes)
            else:
                made = maker(name, properties, before)
        retained = resource.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
        self._made[name] = Made(kind, properties, made[0], made[1], retained)
        self._done.add(name)
        return self._made[name]

    def _delete(self, made: Made) -> None:
        """What of a deleted resource a sweep would notice."""
        if made.kind == "AWS::Batch::JobQueue":
            self._batch.delete_queue(made.ref)
        elif made.kind == "AWS::Batch::JobDefinition":
            self._batch.definitions[made.ref].active = False
        elif made.kind == "AWS::Lambda::Version":
            self._functions.delete(made.ref)
        elif made.kind == "AWS::Scheduler::Schedule":
            self.schedules.pop(made.ref)
        elif made.kind == "AWS::IAM::Policy":
            for role in made.properties["Roles"]:
                self._replace_statements(role, made, [])

    def _s3_bucket(self, name: str, properties: dict, before: Made | None):
        bucket = properties.get("BucketName", f"{self._stack}-{name}".lower()[:63])
        s3 = self.client("s3")
        if before is None:
            s3.create_bucket(Bucket=bucket)
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=properties["VersioningConfiguration"])
        return bucket, {"Arn": f"arn:aws:s3:::{bucket}"}

    def _iam_role(self, name: str, properties: dict, before: Made | None):
        role = f"{self._stack}-{name}"[:64]
        if before is not None:
            return before.ref, before.attributes
        trust = json.dumps(properties["AssumeRolePolicyDocument"])
        made = self.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        arn = made["Role"]["Arn"]
        self._roles.create(name, arn)
        self._role_arns[role] = arn
        return role, {"Arn": arn, "RoleId": role}

    def _iam_policy(self, name: str, properties: dict, before: Made | None):
        for role in properties["Roles"]:
            document = properties["PolicyDocument"]
            self.client("iam").put_role_policy(
                RoleName=role, PolicyName=properties["PolicyName"], PolicyDocument=json.dumps(document)
            )
            self._replace_statements(role, before, as_list(document["Statement"]))
        return name, {}

    def _iam_managedpolicy(self, name: str, properties: dict, before: Made | None):
        """With somebody who has this policy and no other."""
        policy = properties["ManagedPolicyName"]
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{policy}"
        document = json.dumps(properties["PolicyDocument"])
        if before is None:
            self.client("iam").create_policy(PolicyName=policy, PolicyDocument=document)
            self.people[policy] = self._roles.create(policy, arn)
        self.people[policy].statements = as_list(properties["PolicyDocument"]["Statement"])
        return arn, {}

    def _replace_statements(self, role_name: str, before: Made | None, statements: list[dict]) -> None:
        role = self._roles.of_arn(self._role_arns[role_name])
        old = [] if before is None else as_list(before.properties["PolicyDocument"]["Statement"])
        role.statements = [each for each in role.statements if each not in old] + statements

    def _iam_instanceprofile(self, name: str, properties: dict, before: Made | None):
        if before is not None:
            return before.ref, before.attributes
        made = self.client("iam").create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        return name, {"Arn": made["Arn"]}

    def _logs_loggroup(self, name: str, properties: dict, before: Made | None):
        group = properties["LogGroupName"]
        if before is None:
            self.client("logs").create_log_group(logGroupName=group)
        self.client("logs").put_retention_policy(logGroupName=group, retentionInDays=properties["RetentionInDays"])
        return group, {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"}

    def _batch_computeenvironment(self, name: str, properties: dict, before: Made | None):
        """Only checked against the API's model: no instance is ever started here."""
        if before is not None and before.properties["Type"] != properties["Type"]:
            raise ValueError(f"{name}: the type of a compute environment cannot be updated")
        parameters = camel(properties)
        for only_in_cloudformation in ("replaceComputeEnvironment", "updatePolicy"):
            parameters.pop(only_in_cloudformation, None)
        # Created without it; an update of the stack sends it.
        parameters["computeResources"].pop("updateToLatestImageVersion", None)
        check(self.client("batch"), "CreateComputeEnvironment", {"computeEnvironmentName": name, **parameters})
        arn = f"arn:aws:batch:{REGION}:{ACCOUNT}:compute-environment/{name}"
        self._batch.environments[arn] = {"computeEnvironmentName": name, **parameters}
        return arn, {"ComputeEnvironmentArn": arn}

    def _batch_jobqueue(self, name: str, properties: dict, before: Made | None):
        check(self.client("batch"), "CreateJobQueue", {"jobQueueName": name, **camel(properties)})
        arn = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/{name}"
        self._batch.queues[arn] = {"jobQueueName": name, **camel(properties)}
        return arn, {"JobQueueArn": arn}

    def _batch_jobdefinition(self, name: str, properties: dict, before: Made | None):
        parameters = camel(properties)
        parameters.pop("resourceRetentionPolicy", None)
        check(self.client("batch"), "RegisterJobDefinition", parameters)
        container = properties["ContainerProperties"]
        definition = properties["JobDefinitionName"]
        environment = {each["Name"]: each["Value"] for each in container["Environment"]}
        # Batch does not tell a container its vCPUs, and every core of the host is seen: the definition must say.
        vcpus = next(each["Value"] for each in container["ResourceRequirements"] if each["Type"] == "VCPU")
        if environment.get("SWEEP_VCPUS") != vcpus:
            raise ValueError(f"{definition} has {vcpus} vCPUs, and tells {environment.get('SWEEP_VCPUS')}")
        kept = properties.get("ResourceRetentionPolicy", {}).get("SkipDeregisterOnUpdate", False)
        if before is not None and not kept:
            self._batch.definitions[before.ref].active = False
        arn = self._batch.next_revision(definition)
        self._batch.definitions[arn] = Definition(
            arn,
            definition,
            environment,
            self._roles.of_arn(container["JobRoleArn"]),
            properties["Timeout"]["AttemptDurationSeconds"],
            container["LogConfiguration"]["Options"]["awslogs-group"],
            container["Image"],
        )
        return arn, {}

    def _lambda_function(self, name: str, properties: dict, before: Made | None):
        code = self.client("s3").get_object(Bucket=properties["Code"]["S3Bucket"], Key=properties["Code"]["S3Key"])
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{properties['FunctionName']}"
        role = self._roles.of_arn(properties["Role"])
        environment = properties["Environment"]["Variables"]
        self._functions.put(arn, code["Body"].read(), environment, role, properties.get("Description", ""))
        return properties["FunctionName"], {"Arn": arn}

    def _lambda_version(self, name: str, properties: dict, before: Made | None):
        arn = self._functions.publish(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{properties['FunctionName']}")
        return arn, {"Version": arn.rsplit(":", 1)[1]}

    def _lambda_permission(self, name: str, properties: dict, before: Made | None):
        self._functions.permit(properties["FunctionName"], properties["Principal"], properties["SourceArn"])
        return name, {}

    def _stepfunctions_statemachine(self, name: str, properties: dict, before: Made | None):
        definition = properties["DefinitionString"]
        for placeholder, value in properties["DefinitionSubstitutions"].items():
            definition = definition.replace("${" + placeholder + "}", value)
        said = {"definition": definition, "roleArn": properties["RoleArn"]}
        self._roles.run_state_machine(properties["RoleArn"])
        if before is not None:
            # Executions that run go on with the definition that they started with.
            self.client("stepfunctions").update_state_machine(stateMachineArn=before.ref, **said)
            return before.ref, before.attributes
        arn = self.client("stepfunctions").create_state_machine(
            name=properties["StateMachineName"], type=properties["StateMachineType"], **said
        )["stateMachineArn"]
        return arn, {"Arn": arn, "Name": properties["StateMachineName"]}

    def _sns_topic(self, name: str, properties: dict, before: Made | None):
        arn = self.client("sns").create_topic(Name=name)["TopicArn"]
        return arn, {"TopicArn": arn, "TopicName": name}

    def _sns_topicpolicy(self, name: str, properties: dict, before: Made | None):
        for topic in properties["Topics"]:
            self._events.policies[topic] = as_list(properties["PolicyDocument"]["Statement"])
        return name, {}

    def _sns_subscription(self, name: str, properties: dict, before: Made | None):
        self.client("sns").subscribe(
            TopicArn=properties["TopicArn"], Protocol=properties["Protocol"], Endpoint=properties["Endpoint"]
        )
        self._events.subscribers.setdefault(properties["TopicArn"], []).append(properties["Endpoint"])
        return name, {}

    def _sqs_queue(self, name: str, properties: dict, before: Made | None):
        url = self.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        return url, {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", "QueueName": name}

    def _events_rule(self, name: str, properties: dict, before: Made | None):
        pattern = json.dumps(properties["EventPattern"])
        arn = self.client("events").put_rule(Name=name, EventPattern=pattern)["RuleArn"]
        self.client("events").put_targets(Rule=name, Targets=properties["Targets"])
        self._events.rules[name] = properties
        return name, {"Arn": arn}

    def _cloudwatch_alarm(self, name: str, properties: dict, before: Made | None):
        self.client("cloudwatch").put_metric_alarm(AlarmName=name, **properties)
        return name, {}

    def _ssm_parameter(self, name: str, properties: dict, before: Made | None):
        self.client("ssm").put_parameter(
            Name=properties["Name"],
            Value=properties["Value"],
            Type="String",
            Tier=properties["Tier"],
            Overwrite=before is not None,
        )
        return properties["Name"], {}

    def _scheduler_schedule(self, name: str, properties: dict, before: Made | None):
        scheduler = self.client("scheduler")
        (scheduler.create_schedule if before is None else scheduler.update_schedule)(**properties)
        self.schedules[properties["Name"]] = properties
        return properties["Name"], {}

    def _custom_cdkbucketdeployment(self, name: str, properties: dict, before: Made | None):
        """CDK's function: archive and contents lie in its /tmp at once, and it calls S3 with its role's rights."""
        function = self._made[properties["ServiceToken"].split(".")[0]].properties
        role = self._roles.of_arn(function["Role"]).credentials()
        s3 = session(role["AWS_ACCESS_KEY_ID"], role["AWS_SECRET_ACCESS_KEY"]).client("s3", endpoint_url=self.endpoint)
        free = (function["EphemeralStorage"] or {"Size": 512})["Size"] * 1024 * 1024
        destination = properties["DestinationBucketName"]
        there = {each["Key"] for each in s3.list_objects_v2(Bucket=destination).get("Contents", [])}
        for bucket, key in zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True):
            archive = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            with zipfile.ZipFile(io.BytesIO(archive)) as files:
                free -= len(archive) + sum(each.file_size for each in files.infolist())
                if free < 0:
                    raise OSError(f"{name}: no space left in the /tmp of {UPLOADER}")
                for each in files.namelist():
                    if not each.endswith("/") and each not in there:
                        s3.put_object(Bucket=destination, Key=each, Body=files.read(each))
        return name, AnyAttribute(name)


def session(key: str, secret: str) -> boto3.Session:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)


def camel(value):
    """CloudFormation's property names as the API of Batch writes them; what a person named (tags, options) stays."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {"Tags", "Options"}
    return {key[0].lower() + key[1:]: each if key in kept else camel(each) for key, each in value.items()}


def check(client, operation: str, parameters: dict) -> None:
    """Raises when the API's own model does not know a parameter, or one has the wrong type."""
    from botocore.validate import ParamValidator

    shape = client.meta.service_model.operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ValueError(f"{operation}: {report.generate_report()}")
    unknown = set(parameters) - set(shape.members)
    if unknown:
        raise ValueError(f"{operation} knows no {', '.join(sorted(unknown))}")


def zipped(folder: Path) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return data.getvalue()
