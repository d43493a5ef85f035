"""Creates what a synthesized template describes, each resource by its own service's API, as CloudFormation would.

botocore checks every call against the service's model, so a property that AWS does not know fails here. Left out:

- AWS::S3::BucketPolicy: moto applies its Deny whatever the condition (TLS) says. gateway.py judges the roles' policies.
- AWS::SNS::TopicPolicy, AWS::SQS::QueuePolicy, AWS::CDK::Metadata: nothing here asks them. The template's tests do.
- AWS::EC2::*: instances are processes of this machine. Their ids are made up.
- CDK's own functions for Custom::CDKBucketDeployment: the archive is unpacked into the bucket here.
"""

import io
import json
import re
import zipfile
from pathlib import Path

import boto3

from . import ACCOUNT, REGION
from .batch import Batch
from .functions import Functions
from .jobs import Definition
from .roles import Roles, as_list

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "Sweepstack",
    "AWS::NoValue": None,
}
LEFT_OUT = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::CDK::Metadata")


class Deployment:
    """One deployed stack. `outputs`: as CloudFormation would tell them."""

    def __init__(self, assembly: Path, endpoint: str, roles: Roles, batch: Batch, functions: Functions) -> None:
        self._assembly, self._roles, self._batch, self._functions = assembly, roles, batch, functions
        self._session = boto3.Session(
            aws_access_key_id="deployer", aws_secret_access_key="secret", region_name=REGION
        )
        self._endpoint = endpoint
        (manifest,) = assembly.glob("*.template.json")
        self._stack = manifest.name.removesuffix(".template.json")
        template = json.loads(manifest.read_text())
        self._resources = template["Resources"]
        self._done: dict[str, tuple[str, dict]] = {}
        self._assets = json.loads((assembly / f"{self._stack}.assets.json").read_text())["files"]
        self.schedules: list[dict] = []
        self._upload_assets()
        for name in self._resources:
            self._create(name)
        self.outputs = {key: self.fill(value["Value"]) for key, value in template.get("Outputs", {}).items()}
        # The bootstrap's parameter and the like are inputs of the template.

    def client(self, service: str):
        return self._session.client(service, endpoint_url=self._endpoint)

    def _upload_assets(self) -> None:
        """As the bootstrap would: each asset, zipped when it is a folder, under its key in the bucket of assets."""
        s3 = self.client("s3")
        bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
        s3.create_bucket(Bucket=bucket)
        for asset in self._assets.values():
            source = self._assembly / asset["source"]["path"]
            data = zipped(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
            for destination in asset["destinations"].values():
                s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=data)

    def fill(self, value):
        """A value with its intrinsic functions carried out; what they refer to is created first."""
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return PSEUDO[argument] if argument in PSEUDO else self._create(argument)[0]
            if name == "Fn::GetAtt":
                return self._create(argument[0])[1][argument[1]]
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

    def _create(self, name: str) -> tuple[str, dict]:
        if name in self._done:
            return self._done[name]
        resource = self._resources.get(name)
        if resource is None:
            return ("", {})  # a parameter of the bootstrap
        for other in as_list(resource.get("DependsOn", [])):
            self._create(other)
        kind = resource["Type"]
        physical = name if kind in LEFT_OUT or kind.startswith("AWS::EC2::") else None
        if physical is not None:
            made = (physical, AnyAttribute(name))
        elif name.startswith("CustomCDKBucketDeployment") or kind == "AWS::Lambda::LayerVersion":
            made = (name, AnyAttribute(name))
        else:
            maker = getattr(self, "_" + re.sub(r"\W+", "_", kind.removeprefix("AWS::")).lower(), None)
            if maker is None:
                raise NotImplementedError(f"{name}: {kind} is not known to aws/deploy.py")
            made = maker(name, self.fill(resource["Properties"]))
        self._done[name] = made
        return made

    def _s3_bucket(self, name: str, properties: dict):
        bucket = properties.get("BucketName", f"{self._stack}-{name}".lower()[:63])
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket)
        if "VersioningConfiguration" in properties:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=properties["VersioningConfiguration"])
        return bucket, {"Arn": f"arn:aws:s3:::{bucket}"}

    def _iam_role(self, name: str, properties: dict):
        iam = self.client("iam")
        role = f"{self._stack}-{name}"[:64]
        trust = json.dumps(properties["AssumeRolePolicyDocument"])
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self._roles.create(name, arn)
        self._role_arns = {**getattr(self, "_role_arns", {}), role: arn}
        return role, {"Arn": arn, "RoleId": role}

    def _iam_policy(self, name: str, properties: dict):
        for role in properties["Roles"]:
            document = properties["PolicyDocument"]
            self.client("iam").put_role_policy(
                RoleName=role, PolicyName=properties["PolicyName"], PolicyDocument=json.dumps(document)
            )
            self._roles.of_arn(self._role_arns[role]).statements.extend(as_list(document["Statement"]))
        return name, {}

    def _iam_instanceprofile(self, name: str, properties: dict):
        made = self.client("iam").create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        return name, {"Arn": made["Arn"]}

    def _logs_loggroup(self, name: str, properties: dict):
        group = properties["LogGroupName"]
        self.client("logs").create_log_group(logGroupName=group)
        self.client("logs").put_retention_policy(logGroupName=group, retentionInDays=properties["RetentionInDays"])
        return group, {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"}

    def _batch_computeenvironment(self, name: str, properties: dict):
        """Only checked against the API's model: no instance is ever started here."""
        parameters = camel(properties)
        for only_in_cloudformation in ("replaceComputeEnvironment", "updatePolicy"):
            parameters.pop(only_in_cloudformation, None)
        # Created without it; an update of the stack sends it.
        parameters["computeResources"].pop("updateToLatestImageVersion", None)
        check(self.client("batch"), "CreateComputeEnvironment", {"computeEnvironmentName": name, **parameters})
        arn = f"arn:aws:batch:{REGION}:{ACCOUNT}:compute-environment/{name}"
        return arn, {"ComputeEnvironmentArn": arn}

    def _batch_jobqueue(self, name: str, properties: dict):
        check(self.client("batch"), "CreateJobQueue", {"jobQueueName": name, **camel(properties)})
        arn = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/{name}"
        self._batch.queues.add(arn)
        return arn, {"JobQueueArn": arn}

    def _batch_jobdefinition(self, name: str, properties: dict):
        parameters = camel(properties)
        parameters.pop("resourceRetentionPolicy", None)
        check(self.client("batch"), "RegisterJobDefinition", parameters)
        container = properties["ContainerProperties"]
        definition = properties["JobDefinitionName"]
        arn = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-definition/{definition}:1"
        environment = {each["Name"]: each["Value"] for each in container["Environment"]}
        # Batch does not tell a container its vCPUs, and every core of the host is seen: the definition must say.
        vcpus = next(each["Value"] for each in container["ResourceRequirements"] if each["Type"] == "VCPU")
        if environment.get("SWEEP_VCPUS") != vcpus:
            raise ValueError(f"{definition} has {vcpus} vCPUs, and tells {environment.get('SWEEP_VCPUS')}")
        self._batch.definitions[arn] = Definition(
            arn,
            definition,
            environment,
            self._roles.of_arn(container["JobRoleArn"]),
            properties["Timeout"]["AttemptDurationSeconds"],
            container["LogConfiguration"]["Options"]["awslogs-group"],
        )
        return arn, {}

    def _lambda_function(self, name: str, properties: dict):
        code = self.client("s3").get_object(Bucket=properties["Code"]["S3Bucket"], Key=properties["Code"]["S3Key"])
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{properties['FunctionName']}"
        role = self._roles.of_arn(properties["Role"])
        environment = properties["Environment"]["Variables"]
        self._functions.create(arn, properties["FunctionName"], code["Body"].read(), environment, role)
        return properties["FunctionName"], {"Arn": arn}

    def _lambda_version(self, name: str, properties: dict):
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{properties['FunctionName']}:1"
        return arn, {"Version": "1"}

    def _stepfunctions_statemachine(self, name: str, properties: dict):
        definition = properties["DefinitionString"]
        for placeholder, value in properties["DefinitionSubstitutions"].items():
            definition = definition.replace("${" + placeholder + "}", value)
        arn = self.client("stepfunctions").create_state_machine(
            name=properties["StateMachineName"],
            definition=definition,
            roleArn=properties["RoleArn"],
            type=properties["StateMachineType"],
        )["stateMachineArn"]
        self._roles.run_state_machine(properties["RoleArn"])
        return arn, {"Arn": arn, "Name": properties["StateMachineName"]}

    def _sns_topic(self, name: str, properties: dict):
        arn = self.client("sns").create_topic(Name=name)["TopicArn"]
        return arn, {"TopicArn": arn, "TopicName": name}

    def _sns_subscription(self, name: str, properties: dict):
        self.client("sns").subscribe(
            TopicArn=properties["TopicArn"], Protocol=properties["Protocol"], Endpoint=properties["Endpoint"]
        )
        return name, {}

    def _sqs_queue(self, name: str, properties: dict):
        url = self.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        return url, {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", "QueueName": name}

    def _events_rule(self, name: str, properties: dict):
        pattern = json.dumps(properties["EventPattern"])
        arn = self.client("events").put_rule(Name=name, EventPattern=pattern)["RuleArn"]
        self.client("events").put_targets(Rule=name, Targets=properties["Targets"])
        return name, {"Arn": arn}

    def _cloudwatch_alarm(self, name: str, properties: dict):
        self.client("cloudwatch").put_metric_alarm(AlarmName=name, **properties)
        return name, {}

    def _ssm_parameter(self, name: str, properties: dict):
        self.client("ssm").put_parameter(
            Name=properties["Name"], Value=properties["Value"], Type="String", Tier=properties["Tier"]
        )
        return properties["Name"], {}

    def _scheduler_schedule(self, name: str, properties: dict):
        self.client("scheduler").create_schedule(**properties)
        self.schedules.append(properties)
        return properties["Name"], {}

    def _custom_cdkbucketdeployment(self, name: str, properties: dict):
        s3 = self.client("s3")
        for bucket, key in zip(properties["SourceBucketNames"], properties["SourceObjectKeys"], strict=True):
            archive = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            with zipfile.ZipFile(io.BytesIO(archive)) as files:
                for each in files.namelist():
                    if not each.endswith("/"):
                        s3.put_object(Bucket=properties["DestinationBucketName"], Key=each, Body=files.read(each))
        return name, AnyAttribute(name)


class AnyAttribute(dict):
    """The attributes of what is not really there."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, attribute: str) -> str:
        return f"{self._name}.{attribute}"


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
